namespace Catalog.Access;

/// <summary>What must be done to data before it leaves.</summary>
/// <param name="Masks">Each column once, sorted by path; a path such as <c>a.b</c> is a field within one.</param>
/// <param name="Everywhere">What is shown of columns that <paramref name="Masks"/> does not name.</param>
/// <param name="RowFilters">
/// What rows have to meet, all of it, in the language that rows are asked for in (<c>region = 'eu' and amount &lt; 100</c>), sorted.
/// </param>
public sealed record AccessObligations(IReadOnlyList<ColumnMask> Masks, Mask Everywhere, IReadOnlyList<string> RowFilters)
{
    public static AccessObligations None { get; } = new([], Mask.None, []);

    public bool IsNone => !HasMasks && RowFilters.Count == 0;

    /// <summary>Whether values of some column are not shown as they are.</summary>
    public bool HasMasks => Everywhere != Mask.None || Masks.Any(m => m.Mask != Mask.None);

    /// <summary>
    /// What is shown of a column: what is said of it, or else of the nearest that it lies in, or else of all; and at least what is said of
    /// any that lies in it.
    /// </summary>
    /// <param name="column">Its path.</param>
    public Mask MaskOf(string column)
    {
        var (mask, nearest) = (Everywhere, 0);
        var within = Mask.None;
        foreach (var one in Masks)
        {
            if ((one.Column == column || IsWithin(column, one.Column)) && one.Column.Length > nearest)
                (mask, nearest) = (one.Mask, one.Column.Length);
            else if (IsWithin(one.Column, column))
                within = Access.Masks.Stronger(within, one.Mask);
        }

        return Access.Masks.Stronger(mask, within);
    }

    public bool Equals(AccessObligations? other) =>
        other is not null && Everywhere == other.Everywhere && Masks.SequenceEqual(other.Masks)
        && RowFilters.SequenceEqual(other.RowFilters, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Everywhere, Masks.Count, RowFilters.Count);

    /// <summary>Whether a column is a field of another, at any depth.</summary>
    internal static bool IsWithin(string inner, string outer) =>
        inner.Length > outer.Length && inner[outer.Length] == '.' && inner.StartsWith(outer, StringComparison.Ordinal);
}

/// <param name="Column">Its path.</param>
/// <param name="Mask">What is shown of it; <see cref="Mask.None"/> where that is the value, though other columns are masked.</param>
public sealed record ColumnMask(string Column, Mask Mask);
