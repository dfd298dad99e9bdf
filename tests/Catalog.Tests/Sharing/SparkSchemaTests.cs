using System.Text.Json;
using Catalog.Schemas;
using Catalog.Server.Doors.DeltaSharing;
using Xunit;

namespace Catalog.Tests.Sharing;

public sealed class SparkSchemaTests
{
    [Theory]
    [InlineData("bool", "boolean")]
    [InlineData("int8", "byte")]
    [InlineData("int16", "short")]
    [InlineData("int32", "integer")]
    [InlineData("int64", "long")]
    [InlineData("uint8", "short")]
    [InlineData("uint16", "integer")]
    [InlineData("uint32", "long")]
    [InlineData("uint64", "decimal(20,0)")]
    [InlineData("float32", "float")]
    [InlineData("float64", "double")]
    [InlineData("decimal(38,10)", "decimal(38,10)")]
    [InlineData("string", "string")]
    [InlineData("json", "string")]
    [InlineData("binary", "binary")]
    [InlineData("uuid", "binary")]
    [InlineData("fixed_binary(12)", "binary")]
    [InlineData("date", "date")]
    [InlineData("timestamp(us,UTC)", "timestamp")]
    [InlineData("timestamp(ms)", "timestamp")]
    public void Each_type_has_its_word(string type, string word) =>
        Assert.Equal(
            """{"type":"struct","fields":[{"name":"a","type":"WORD","nullable":true,"metadata":{}}]}"""
                .Replace("WORD", word, StringComparison.Ordinal),
            SparkSchema.Write(new TableSchema([new("a", type, Nullable: true)])));

    [Fact]
    public void A_time_without_a_zone_is_said_to_be_one_to_whom_reads_it()
    {
        var schema = new TableSchema(
        [
            new("l", "list", Nullable: true, [new("element", "timestamp(us)", Nullable: true)]),
            new("a", "timestamp(us,UTC)", Nullable: true),
        ]);

        Assert.True(SparkSchema.HasZoneless(schema));
        Assert.Contains("\"elementType\":\"timestamp_ntz\"", SparkSchema.Write(schema, zoneless: true), StringComparison.Ordinal);
        Assert.Contains("\"name\":\"a\",\"type\":\"timestamp\"", SparkSchema.Write(schema, zoneless: true), StringComparison.Ordinal);
        Assert.DoesNotContain("timestamp_ntz", SparkSchema.Write(schema), StringComparison.Ordinal);
        Assert.False(SparkSchema.HasZoneless(new TableSchema([schema.Columns[1]])));
    }

    [Theory]
    [InlineData("time(us)")]
    [InlineData("interval")]
    [InlineData("float16")]
    [InlineData("decimal(39,0)")]
    [InlineData("null")]
    public void A_type_without_a_word_leaves_its_column_out(string type)
    {
        var schema = new TableSchema(
        [
            new("kept", "int32", Nullable: false),
            new("a.b", type, Nullable: true),
            new("s", "struct", Nullable: true, [new("kept", "string", Nullable: true), new("gone", type, Nullable: true)]),
            new("l", "list", Nullable: true, [new("element", type, Nullable: true)]),
            new("empty", "struct", Nullable: true, [new("gone", type, Nullable: true)]),
        ]);

        Assert.Equal(["kept", "s"], Fields(SparkSchema.Write(schema)).Select(f => f.GetProperty("name").GetString()));
        Assert.Equal([@"a\.b", "s.gone", "l", "empty"], SparkSchema.LeftOut(schema));
    }

    [Fact]
    public void Every_type_there_is_has_a_word_or_leaves_its_column_out()
    {
        string[] all =
        [
            "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
            "decimal(1,0)", "decimal(76,3)", "string", "binary", "fixed_binary(3)", "date", "time(ms)", "time(us)", "time(ns)",
            "timestamp(s)", "timestamp(ms)", "timestamp(us)", "timestamp(ns)", "timestamp(ns,UTC)", "interval", "null", "json", "uuid",
        ];
        Assert.All(all, type => Assert.True(ColumnTypes.IsValid(type), type));
        var schema = new TableSchema([.. all.Select(t => new Column(t, t, Nullable: true))]);

        Assert.Equal(all.Length, Fields(SparkSchema.Write(schema)).Count + SparkSchema.LeftOut(schema).Count());
    }

    [Fact]
    public void What_is_nested_is_written_as_Spark_does()
    {
        var schema = new TableSchema(
        [
            new("s", "struct", Nullable: true, [new("x", "int32", Nullable: false)]),
            new("l", "list", Nullable: false, [new("element", "struct", Nullable: true, [new("y", "string", Nullable: true)])]),
            new("m", "map", Nullable: true, [new("key", "string", Nullable: false), new("value", "int64", Nullable: true)]),
        ]);

        Assert.Equal(
            """{"type":"struct","fields":[{"name":"s","type":{"type":"struct","fields":["""
            + """{"name":"x","type":"integer","nullable":false,"metadata":{}}]},"nullable":true,"metadata":{}},"""
            + """{"name":"l","type":{"type":"array","elementType":{"type":"struct","fields":["""
            + """{"name":"y","type":"string","nullable":true,"metadata":{}}]},"containsNull":true},"nullable":false,"metadata":{}},"""
            + """{"name":"m","type":{"type":"map","keyType":"string","valueType":"long","valueContainsNull":true},"""
            + "\"nullable\":true,\"metadata\":{}}]}",
            SparkSchema.Write(schema));
    }

    private static List<JsonElement> Fields(string schema) =>
        [.. JsonDocument.Parse(schema).RootElement.GetProperty("fields").EnumerateArray()];
}
