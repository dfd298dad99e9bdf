namespace Catalog.Platform.Store;

/// <summary>How the values that two rows of one key have in a column become one.</summary>
internal enum Merging
{
    /// <summary>Part of the key.</summary>
    Key,

    /// <summary>The same in all rows of the key.</summary>
    Constant,

    /// <summary>The smaller; nothing is larger than anything.</summary>
    Least,

    /// <summary>The larger; nothing is smaller than anything.</summary>
    Greatest,

    /// <summary>That of the row with the larger <see cref="MergeColumn.Stamp"/>.</summary>
    Latest,
}

/// <summary>A column of a <see cref="MergeTable"/>.</summary>
/// <param name="Name">In the table.</param>
/// <param name="DbType">PostgreSQL's name of its type.</param>
/// <param name="Type">The .NET type of its values, nullable where it is a value type.</param>
/// <param name="Rule">How values merge.</param>
/// <param name="Stamp">The column that says which value is the latest; null for other rules.</param>
internal sealed record MergeColumn(string Name, string DbType, Type Type, Merging Rule, string? Stamp = null)
{
    /// <summary>What a list is written with between its items, since PostgreSQL has no arrays of arrays of different lengths.</summary>
    public const char Separator = '\u001F';

    public static MergeColumn Text(string name, Merging rule, string? stamp = null) => new(name, "text", typeof(string), rule, stamp);

    public static MergeColumn Time(string name, Merging rule, string? stamp = null) =>
        new(name, "timestamptz", typeof(DateTimeOffset?), rule, stamp);

    public static MergeColumn Number(string name, Merging rule, string? stamp = null) => new(name, "bigint", typeof(long?), rule, stamp);

    public static MergeColumn Flag(string name, Merging rule, string? stamp = null) => new(name, "boolean", typeof(bool?), rule, stamp);

    public static MergeColumn Bytes(string name, Merging rule, string? stamp = null) => new(name, "bytea", typeof(byte[]), rule, stamp);

    /// <summary>Words without control characters, given joined by <see cref="Separator"/>.</summary>
    public static MergeColumn Words(string name, Merging rule, string? stamp = null) => new(name, "text[]", typeof(string), rule, stamp);

    /// <summary>Orders what others were said in: the larger was said later.</summary>
    public static MergeColumn OrderedBy(string name) => Bytes(name, Merging.Greatest);

    /// <summary>The type that values are sent as.</summary>
    public string SentAs => DbType == "text[]" ? "text" : DbType;

    /// <summary>The value as stored, in SQL.</summary>
    public string Stored => DbType == "text[]" ? $"string_to_array({Name}, chr({(int)Separator}))" : Name;

    /// <summary>The value that a row has after another of the same key came, in SQL.</summary>
    public string Merged => Rule switch
    {
        Merging.Least => $"least(t.{Name}, excluded.{Name})",
        Merging.Greatest => $"greatest(t.{Name}, excluded.{Name})",
        Merging.Latest => $"case when excluded.{Stamp} > coalesce(t.{Stamp}, '') then excluded.{Name} else t.{Name} end",
        _ => $"t.{Name}",
    };

    /// <summary>Orders values as PostgreSQL does, nulls apart.</summary>
    public static int Compare(object a, object b) => (a, b) switch
    {
        (byte[] one, byte[] other) => one.AsSpan().SequenceCompareTo(other),
        (IComparable one, _) => one.CompareTo(b),
        _ => throw new ArgumentException($"Values of {a.GetType().Name} have no order.", nameof(a)),
    };
}
