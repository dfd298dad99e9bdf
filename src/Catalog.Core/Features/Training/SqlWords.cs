using System.Globalization;

namespace Catalog.Features.Training;

/// <summary>What engines write differently.</summary>
internal abstract class SqlWords
{
    protected const long MicrosecondsPerDay = 86_400_000_000;

    public static SqlWords Of(SqlDialect dialect) => dialect == SqlDialect.DuckDb ? new DuckDbWords() : new SparkWords();

    /// <summary>What the session has to be set to, so that texts of times and times without a zone mean UTC.</summary>
    public abstract IReadOnlyList<string> Settings { get; }

    /// <summary>Where a row stands in its file, from 0.</summary>
    public abstract string RowNumber { get; }

    public abstract string Quote(string name);

    public abstract string Literal(string text);

    public abstract string File(string location);

    /// <summary>A column of times as microseconds since 1970, rounded as we round.</summary>
    /// <param name="type">Of the column, as the catalog writes it.</param>
    /// <param name="timeZone">Of a column without one; null for UTC.</param>
    public string Microseconds(string column, string type, string? timeZone, bool roundUp)
    {
        var isNanoseconds = type.StartsWith("timestamp(ns", StringComparison.Ordinal);
        var isLocal = timeZone is not null && !type.EndsWith("UTC)", StringComparison.Ordinal);
        return (isNanoseconds, isLocal) switch
        {
            (true, false) => FromNanoseconds(column, roundUp),
            (true, true) => FromLocal(TimestampOf(FromNanoseconds(column, roundUp)), timeZone ?? ""),
            (false, true) => FromLocal($"cast({column} as timestamp)", timeZone ?? ""),
            _ => FromTimestamp(type == "date" ? $"cast({column} as timestamp)" : column),
        };
    }

    /// <summary>A number as a feature's type, where its column is narrower.</summary>
    /// <param name="from">Type of the column, as the catalog writes it.</param>
    public string Widened(string value, string from, string to) =>
        from != to && NumberType(from) is not null && NumberType(to) is { } type ? Cast(value, type) : value;

    /// <summary>A number as <c>int64</c>, <c>float64</c> or another type of the catalog.</summary>
    public string Cast(string value, string type) => $"cast({value} as {NumberType(type) ?? type})";

    /// <summary>The first 16 hexadecimal digits of the SHA-256 of a text.</summary>
    public abstract string Hash(string text);

    /// <summary>A column that decides about parts, as a text.</summary>
    public abstract string Text(string column, string type);

    public abstract string Character(char character);

    /// <summary>The value of the last row in an order, of those that meet a condition and have one.</summary>
    public abstract string Last(string column, string condition, IReadOnlyList<string> order);

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    protected abstract string FromTimestamp(string column);

    protected abstract string FromNanoseconds(string column, bool roundUp);

    /// <summary>Of local times: the first of two where a clock was set back, later by the gap where it was set forward.</summary>
    protected abstract string FromLocal(string timestamp, string timeZone);

    protected abstract string TimestampOf(string microseconds);

    protected abstract string? NumberType(string type);
}
