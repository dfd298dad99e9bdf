namespace Catalog.Features.Training;

/// <summary>SQL as Spark 3.5 and later read it.</summary>
internal sealed class SparkWords : SqlWords
{
    /// <summary>Spark has no times in nanoseconds; it reads such columns as whole numbers where it is told to.</summary>
    public override IReadOnlyList<string> Settings =>
        ["set spark.sql.session.timeZone = UTC", "set spark.sql.legacy.parquet.nanosAsLong = true"];

    public override string RowNumber => "_metadata.row_index";

    public override string Quote(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    public override string Literal(string text) =>
        $"'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'";

    public override string File(string location) => $"parquet.{Quote(location)}";

    public override string Hash(string text) => $"substr(sha2({text}, 256), 1, 16)";

    /// <summary>UUIDs are 16 bytes to Spark.</summary>
    public override string Text(string column, string type) => type is "uuid" or "fixed_binary(16)"
        ? $"lower(regexp_replace(hex({column}), '(.{{8}})(.{{4}})(.{{4}})(.{{4}})(.{{12}})', '$1-$2-$3-$4-$5'))"
        : $"cast({column} as string)";

    public override string Character(char character) => $"char({(int)character})";

    public override string Last(string column, string condition, IReadOnlyList<string> order) =>
        $"max_by({column}, struct({string.Join(", ", order)})) filter (where {condition} and {column} is not null)";

    protected override string FromTimestamp(string column) => $"unix_micros(cast({column} as timestamp))";

    protected override string FromNanoseconds(string column, bool roundUp) =>
        roundUp ? $"(({column} + pmod(-{column}, 1000)) div 1000)" : $"(({column} - pmod({column}, 1000)) div 1000)";

    protected override string FromLocal(string timestamp, string timeZone) =>
        $"unix_micros(to_utc_timestamp({timestamp}, {Literal(timeZone)}))";

    protected override string TimestampOf(string microseconds) => $"timestamp_micros({microseconds})";

    protected override string? NumberType(string type) => type switch
    {
        "int8" => "tinyint",
        "int16" or "uint8" => "smallint",
        "int32" or "uint16" => "int",
        "int64" or "uint32" => "bigint",
        "uint64" => "decimal(20, 0)",
        "float16" or "float32" => "float",
        "float64" => "double",
        _ => null,
    };
}
