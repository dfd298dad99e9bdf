using Catalog.Integrity;

namespace Catalog.Sharing;

/// <summary>How a column is compared with a value.</summary>
public enum FileComparison
{
    Equal,
    LessThan,
    LessThanOrEqual,
    GreaterThan,
    GreaterThanOrEqual,
}

/// <summary>What a condition may be for the rows of a file: SQL's three values.</summary>
[Flags]
internal enum Truths
{
    None = 0,
    True = 1,
    False = 2,
    Null = 4,
    Any = True | False | Null,
}

/// <summary>
/// What rows have to meet, as far as the statistics of a file tell whether it can hold any such row. What is not known allows everything.
/// </summary>
public abstract record FileTest
{
    private FileTest() { }

    /// <summary>A condition that nothing can be said of.</summary>
    public static FileTest Anything { get; } = new Unread();

    /// <summary>Whether no row of a file can meet this.</summary>
    /// <param name="rows">Of the file; null where they are not known.</param>
    /// <param name="statistics">Of the file, by column path.</param>
    public bool RulesOut(long? rows, IReadOnlyDictionary<string, ColumnStatistics> statistics) =>
        !Allowed(rows, statistics).HasFlag(Truths.True);

    internal abstract Truths Allowed(long? rows, IReadOnlyDictionary<string, ColumnStatistics> statistics);

    private static ColumnStatistics Of(string column, IReadOnlyDictionary<string, ColumnStatistics> statistics) =>
        statistics.GetValueOrDefault(column, ColumnStatistics.Unknown);

    /// <summary>All of them hold.</summary>
    public sealed record All(IReadOnlyList<FileTest> Parts) : FileTest
    {
        internal override Truths Allowed(long? rows, IReadOnlyDictionary<string, ColumnStatistics> statistics)
        {
            var parts = Parts.Select(p => p.Allowed(rows, statistics)).ToList();
            return Where(Truths.True, parts.TrueForAll(p => p.HasFlag(Truths.True)))
                | Where(Truths.False, parts.Exists(p => p.HasFlag(Truths.False)))
                | Where(Truths.Null, parts.Exists(p => p.HasFlag(Truths.Null)) && parts.TrueForAll(p => p != Truths.False));
        }
    }

    /// <summary>It does not hold; what is unknown stays so.</summary>
    public sealed record Not(FileTest Part) : FileTest
    {
        internal override Truths Allowed(long? rows, IReadOnlyDictionary<string, ColumnStatistics> statistics)
        {
            var part = Part.Allowed(rows, statistics);
            return (part & Truths.Null) | Where(Truths.True, part.HasFlag(Truths.False)) | Where(Truths.False, part.HasFlag(Truths.True));
        }
    }

    /// <summary>A column holds no value.</summary>
    public sealed record Missing(string Column) : FileTest
    {
        internal override Truths Allowed(long? rows, IReadOnlyDictionary<string, ColumnStatistics> statistics)
        {
            var nulls = Of(Column, statistics).Nulls;
            return Where(Truths.True, nulls != 0) | Where(Truths.False, nulls is null || nulls != rows);
        }
    }

    /// <summary>A column is compared with a value.</summary>
    /// <param name="Column">Its path.</param>
    /// <param name="Type">Of both, as schemas name types.</param>
    /// <param name="Comparison">How.</param>
    /// <param name="Value">As statistics write values.</param>
    public sealed record Compare(string Column, string Type, FileComparison Comparison, string Value) : FileTest
    {
        internal override Truths Allowed(long? rows, IReadOnlyDictionary<string, ColumnStatistics> statistics)
        {
            var (min, max, nulls) = Of(Column, statistics);
            if (nulls is not null && nulls == rows)
                return Truths.Null;
            var least = min is null ? null : ColumnStatistics.Compare(Type, min, Value);
            var most = max is null ? null : ColumnStatistics.Compare(Type, max, Value);
            return WithNotANumber(Of(least, most)) | Where(Truths.Null, nulls != 0);
        }

        private Truths Of(int? least, int? most) => Comparison switch
        {
            FileComparison.Equal =>
                Where(Truths.True, !(least > 0 || most < 0)) | Where(Truths.False, !(least == 0 && most == 0)),
            FileComparison.LessThan => Where(Truths.True, !(least >= 0)) | Where(Truths.False, !(most < 0)),
            FileComparison.LessThanOrEqual => Where(Truths.True, !(least > 0)) | Where(Truths.False, !(most <= 0)),
            FileComparison.GreaterThan => Where(Truths.True, !(most <= 0)) | Where(Truths.False, !(least > 0)),
            FileComparison.GreaterThanOrEqual => Where(Truths.True, !(most < 0)) | Where(Truths.False, !(least >= 0)),
            _ => Truths.Any,
        };

        /// <summary>Bounds leave NaN out, and for Spark it is greater than every number.</summary>
        private Truths WithNotANumber(Truths ofNumbers) => ofNumbers | (Type, Comparison) switch
        {
            (not ("float16" or "float32" or "float64"), _) => Truths.None,
            (_, FileComparison.GreaterThan or FileComparison.GreaterThanOrEqual) => Truths.True,
            _ => Truths.False,
        };
    }

    private sealed record Unread : FileTest
    {
        internal override Truths Allowed(long? rows, IReadOnlyDictionary<string, ColumnStatistics> statistics) => Truths.Any;
    }

    private static Truths Where(Truths truth, bool holds) => holds ? truth : Truths.None;
}
