namespace Catalog.Features.Training;

/// <summary>SQL as DuckDB reads it.</summary>
internal sealed class DuckDbWords : SqlWords
{
    public override IReadOnlyList<string> Settings => ["set TimeZone = 'UTC'"];

    public override string RowNumber => "file_row_number";

    public override string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public override string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    public override string File(string location) => $"read_parquet({Literal(location)}, file_row_number = true)";

    public override string Hash(string text) => $"substr(sha256({text}), 1, 16)";

    /// <summary>Sixteen bytes are told as a UUID, whether the file says that they are one or not.</summary>
    public override string Text(string column, string type) => type == "fixed_binary(16)"
        ? $@"lower(regexp_replace(hex({column}), '(.{{8}})(.{{4}})(.{{4}})(.{{4}})(.{{12}})', '\1-\2-\3-\4-\5'))"
        : $"cast({column} as varchar)";

    public override string Character(char character) => $"chr({(int)character})";

    public override string Last(string column, string condition, IReadOnlyList<string> order) =>
        $"last({column} order by {string.Join(", ", order)}) filter (where {condition} and {column} is not null)";

    protected override string FromTimestamp(string column) => $"epoch_us({column})";

    // '//' rounds to zero; what is taken away or added first makes it exact.
    protected override string FromNanoseconds(string column, bool roundUp)
    {
        var time = $"epoch_ns({column})";
        return roundUp
            ? $"(({time} + ((-{time} % 1000) + 1000) % 1000) // 1000)"
            : $"(({time} - (({time} % 1000) + 1000) % 1000) // 1000)";
    }

    // DuckDB takes the second of two. The offset of the day before makes the first of them, where that is a time with this local time.
    protected override string FromLocal(string timestamp, string timeZone)
    {
        var zone = Literal(timeZone);
        var first = $"epoch_us(timezone({zone}, {timestamp} - interval 1 day)) + {Number(MicrosecondsPerDay)}";
        return $"case when timezone({zone}, make_timestamptz({first})) = {timestamp} then {first} "
            + $"else epoch_us(timezone({zone}, {timestamp})) end";
    }

    protected override string TimestampOf(string microseconds) => $"make_timestamp({microseconds})";

    protected override string? NumberType(string type) => type switch
    {
        "int8" => "tinyint",
        "int16" => "smallint",
        "int32" => "integer",
        "int64" => "bigint",
        "uint8" => "utinyint",
        "uint16" => "usmallint",
        "uint32" => "uinteger",
        "uint64" => "ubigint",
        "float16" or "float32" => "float",
        "float64" => "double",
        _ => null,
    };
}
