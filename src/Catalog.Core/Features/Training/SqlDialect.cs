namespace Catalog.Features.Training;

/// <summary>An engine that a training set can be made with, beside ours.</summary>
public enum SqlDialect
{
    DuckDb,
    Spark,
}

/// <summary>How an engine writes what the two write differently.</summary>
internal abstract class SqlWords
{
    public static SqlWords Of(SqlDialect dialect) => dialect == SqlDialect.DuckDb ? new DuckDbWords() : new SparkWords();

    public abstract string Quote(string name);

    /// <summary>Rows of a file with their places in it, as <c>file_row</c>.</summary>
    public abstract string FileRows(string location);

    /// <summary>Microseconds since 1970 of a column of times.</summary>
    /// <param name="type">Of the column, as the catalog writes it.</param>
    public abstract string Microseconds(string column, string type, string? timeZone, bool roundUp);

    /// <summary>The first 16 hexadecimal digits of the SHA-256 of a text.</summary>
    public abstract string Hash(string text);

    public abstract string Character(char character);

    /// <summary>The value of the last row in an order, of those that meet a condition.</summary>
    public abstract string Last(string column, string condition, IReadOnlyList<string> order);

    public abstract string Text { get; }

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    // Nanoseconds are rounded so that nothing is known too early.
    protected static string FromNanoseconds(string nanoseconds, bool roundUp) =>
        roundUp ? $"-floor(-({nanoseconds}) / 1000.0)" : $"floor(({nanoseconds}) / 1000.0)";

    private sealed class DuckDbWords : SqlWords
    {
        public override string Text => "varchar";

        public override string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

        public override string FileRows(string location) =>
            $"select *, file_row_number as file_row from read_parquet({Literal(location)}, file_row_number = true)";

        public override string Microseconds(string column, string type, string? timeZone, bool roundUp)
        {
            if (type.StartsWith("timestamp(ns", StringComparison.Ordinal) && timeZone is null)
                return $"cast({FromNanoseconds($"epoch_ns({column})", roundUp)} as bigint)";
            var isLocal = timeZone is not null && !type.EndsWith("UTC)", StringComparison.Ordinal);
            return isLocal
                ? $"epoch_us(timezone({Literal(timeZone ?? "")}, cast({column} as timestamp)))"
                : $"epoch_us({(type == "date" ? $"cast({column} as timestamp)" : column)})";
        }

        public override string Hash(string text) => $"substr(sha256({text}), 1, 16)";

        public override string Character(char character) => $"chr({(int)character})";

        public override string Last(string column, string condition, IReadOnlyList<string> order) =>
            $"last({column} order by {string.Join(", ", order)}) filter (where {condition} and {column} is not null)";
    }

    private sealed class SparkWords : SqlWords
    {
        public override string Text => "string";

        public override string Quote(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

        public override string FileRows(string location) =>
            $"select *, _metadata.row_index as file_row from parquet.{Quote(location)}";

        public override string Microseconds(string column, string type, string? timeZone, bool roundUp)
        {
            var isLocal = timeZone is not null && !type.EndsWith("UTC)", StringComparison.Ordinal);
            return isLocal
                ? $"unix_micros(to_utc_timestamp(cast({column} as timestamp), {Literal(timeZone ?? "")}))"
                : $"unix_micros(cast({column} as timestamp))";
        }

        public override string Hash(string text) => $"substr(sha2({text}, 256), 1, 16)";

        public override string Character(char character) => $"char({(int)character})";

        public override string Last(string column, string condition, IReadOnlyList<string> order) =>
            $"max_by({column}, struct({string.Join(", ", order)})) filter (where {condition} and {column} is not null)";
    }
}
