namespace Catalog.Access;

/// <summary>What must be done to data before it leaves.</summary>
/// <param name="Masks">Each column once, sorted by name; a path such as <c>a.b</c> for a field within one.</param>
/// <param name="Everywhere">The mask of every column that <paramref name="Masks"/> does not name more strongly.</param>
/// <param name="RowFilters">
/// What rows have to meet, all of it, in the language that rows are asked for in (<c>region = 'eu' and amount &lt; 100</c>), sorted.
/// </param>
public sealed record AccessObligations(IReadOnlyList<ColumnMask> Masks, Mask Everywhere, IReadOnlyList<string> RowFilters)
{
    public static AccessObligations None { get; } = new([], Mask.None, []);

    public bool IsNone => Masks.Count == 0 && Everywhere == Mask.None && RowFilters.Count == 0;

    /// <summary>Whether values of some column are not shown as they are.</summary>
    public bool HasMasks => Masks.Count > 0 || Everywhere != Mask.None;

    /// <summary>
    /// What is shown of a column: the strongest of its own mask, those of what it lies in and of what lies in it, and that of all.
    /// </summary>
    /// <param name="column">Its path.</param>
    public Mask MaskOf(string column)
    {
        var mask = Everywhere;
        foreach (var one in Masks)
        {
            if (one.Covers(column))
                mask = Access.Masks.Stronger(mask, one.Mask);
        }

        return mask;
    }
}

/// <param name="Column">Its path.</param>
/// <param name="Mask">What is shown of it.</param>
public sealed record ColumnMask(string Column, Mask Mask)
{
    /// <summary>Whether a column is this one, or lies in it, or has it in itself.</summary>
    public bool Covers(string column) => column == Column || IsWithin(column, Column) || IsWithin(Column, column);

    private static bool IsWithin(string inner, string outer) =>
        inner.Length > outer.Length && inner[outer.Length] == '.' && inner.StartsWith(outer, StringComparison.Ordinal);
}
