namespace Catalog.Features.Training;

/// <summary>Columns that only the statement has; called so that no table has one of the name.</summary>
internal sealed class SqlNames
{
    private static readonly string[] s_own = ["file", "row", "time", "created", "rank", "part"];

    private readonly string _prefix = "_";

    /// <param name="taken">All columns of all tables.</param>
    public SqlNames(IEnumerable<string> taken)
    {
        var names = taken.ToHashSet(StringComparer.OrdinalIgnoreCase);
        while (s_own.Any(name => names.Contains(_prefix + name)))
            _prefix += "_";
    }

    /// <summary>Which file of the version, from 0.</summary>
    public string File => $"{_prefix}file";

    /// <summary>Which row of the file, from 0.</summary>
    public string Row => $"{_prefix}row";

    /// <summary>Of a row or an event, in microseconds since 1970.</summary>
    public string Time => $"{_prefix}time";

    /// <summary>When an event was written, in microseconds since 1970.</summary>
    public string Created => $"{_prefix}created";

    /// <summary>Which candidate an event is for a row: the first holds.</summary>
    public string Rank => $"{_prefix}rank";

    /// <summary>Which part a row belongs to.</summary>
    public string Part => $"{_prefix}part";
}
