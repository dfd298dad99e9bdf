using System.Numerics;
using System.Text;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Feast;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Wire.Feast;
using Xunit;
using FieldStatus = Catalog.Wire.Feast.FieldStatus;
using Value = Catalog.Wire.Feast.Value;

namespace Catalog.Tests.Serving;

public sealed class FeastAnswerTests
{
    private static readonly EntityKey s_driver = new("driver_id", "int64", "driver_id");

    [Fact]
    public void Columns_come_in_the_order_asked_with_keys_first()
    {
        var stats = Drivers();
        Assert.Equal(
            """
            {"results":[
            {"values":[1001,9999],"statuses":["PRESENT","PRESENT"],
            "event_timestamps":["1970-01-01T00:00:00Z","1970-01-01T00:00:00Z"]},
            {"values":[0.7037263512611389,null],"statuses":["PRESENT","NOT_FOUND"],
            "event_timestamps":["2021-12-31T23:00:00Z","1970-01-01T00:00:00Z"]},
            {"values":[null,null],"statuses":["NULL_VALUE","NOT_FOUND"],
            "event_timestamps":["2021-12-31T23:00:00Z","1970-01-01T00:00:00Z"]}],
            "metadata":{"feature_names":["driver_id","conv_rate","trips"]}}
            """.Replace("\n", "", StringComparison.Ordinal),
            Answer(Served.State(stats), """{"features":["stats:conv_rate","stats:trips"],"entities":{"driver_id":[1001,9999]}}"""));
    }

    [Fact]
    public void A_value_that_is_too_old_is_not_told()
    {
        var stats = Drivers(TimeSpan.FromHours(1));
        var answer = Answer(
            Served.State(stats), """{"features":["stats:conv_rate"],"entities":{"driver_id":[1001]}}""", Served.Eleven + 3_600_000_001);
        Assert.Contains(
            """{"values":[null],"statuses":["OUTSIDE_MAX_AGE"],"event_timestamps":["2021-12-31T23:00:00Z"]}""",
            answer,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bool", "AQ==", "true")]
    [InlineData("int8", "+w==", "-5")]
    [InlineData("uint64", "//////////8=", "18446744073709551615")]
    [InlineData("uint32", "/////w==", "4294967295")]
    [InlineData("float16", "AD4=", "1.5")]
    [InlineData("date", "sEoAAA==", "1651968000")]
    [InlineData("timestamp(ms,UTC)", "F/z///////8=", "-2")]
    [InlineData("time(us)", "4HkEAAAAAAA=", "\"00:00:00.293344\"")]
    [InlineData("time(ms)", "AAAAAA==", "\"00:00:00\"")]
    [InlineData("uuid", "VQ6EAOKbQdSnFkRmVUQAAA==", "\"550e8400-e29b-41d4-a716-446655440000\"")]
    [InlineData("fixed_binary(2)", "AP8=", "\"AP8=\"")]
    [InlineData("interval", "AQAAAAIAAADcBQAA", "\"P1M2DT1.5S\"")]
    [InlineData("float64", "AAAAAAAA+H8=", null)]
    [InlineData("float32", "AACA/w==", null)]
    public void A_value_is_written_by_its_type(string type, string bytes, string? expected)
    {
        using var to = new AnswerBuffer();
        Assert.Equal(expected is not null, FeastValues.TryWrite(to, HotType.Of(type), Convert.FromBase64String(bytes)));
        Assert.Equal(expected ?? "", Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Theory]
    [InlineData("0", 2, "0.00")]
    [InlineData("-5", 2, "-0.05")]
    [InlineData("12345", 0, "12345")]
    [InlineData("-170141183460469231731687303715884105728", 38, "-1.70141183460469231731687303715884105728")]
    public void A_decimal_has_the_digits_of_its_type(string unscaled, int scale, string expected)
    {
        var bytes = new byte[16];
        var number = BigInteger.Parse(unscaled);
        bytes.AsSpan().Fill((byte)(number.Sign < 0 ? 255 : 0));
        number.ToByteArray().CopyTo(bytes, 0);
        using var to = new AnswerBuffer();
        Assert.True(FeastValues.TryWrite(to, HotType.Of($"decimal(38,{scale})"), bytes));
        Assert.Equal($"\"{expected}\"", Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void A_list_with_a_number_that_JSON_has_not_is_invalid_and_an_empty_one_is_null()
    {
        var view = Served.View("demo", "v", Served.Define([s_driver], [new("a", "list(float64)", "a"), new("b", "embedding(2)", "b")]));
        Push(view, 1, [[1.5, 2], [0.25, -1]]);
        Push(view, 2, [[], []]);
        Push(view, 3, [[double.NaN, 1], [double.PositiveInfinity]]);
        var answer = Answer(Served.State(view), """{"features":["v:a","v:b"],"entities":{"driver_id":[1,2,3]}}""");
        Assert.Contains(
            """{"values":[[1.5,2.0],null,null],"statuses":["PRESENT","PRESENT","INVALID"]""", answer, StringComparison.Ordinal);
        Assert.Contains(
            """{"values":[[0.25,-1.0],null,null],"statuses":["PRESENT","PRESENT","INVALID"]""", answer, StringComparison.Ordinal);

        static void Push(HotView view, long id, double[][] lists) => Served.Push(view, k => k.Add(id), Served.Eleven, (row, layout) =>
        {
            row.Set(layout.Slots[0], [.. lists[0].Select(BitConverter.GetBytes)]);
            row.Set(layout.Slots[1], [.. lists[1].Select(n => BitConverter.GetBytes((float)n))]);
        });
    }

    [Fact]
    public void Two_columns_of_one_name_are_refused_unless_full_names_are_wanted()
    {
        var state = Served.State(Drivers(), Served.View("demo", "other", Served.Define([s_driver], [new("conv_rate", "float32", "x")])));
        var refused = Assert.Throws<ProblemException>(() =>
            Answer(state, """{"features":["stats:conv_rate","other:conv_rate"],"entities":{"driver_id":[1]}}"""));
        Assert.Contains("'conv_rate'", refused.Problem.Detail, StringComparison.Ordinal);
        Assert.EndsWith(
            "\"metadata\":{\"feature_names\":[\"driver_id\",\"stats__conv_rate\",\"other__conv_rate\"]}}",
            Answer(
                state,
                """{"features":["stats:conv_rate","other:conv_rate"],"entities":{"driver_id":[1]},"full_feature_names":true}"""),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_answer_of_gRPC_says_the_same()
    {
        var plan = FeastPlan.Of(Served.Plan(Served.State(Drivers()), "stats:conv_rate", "stats:trips"), fullNames: false);
        var keys = new KeyColumns();
        keys.Begin(plan.Read, "entities");
        var values = new RepeatedValue { Val = { new Value { Int64Val = 1001 }, new Value(), new Value { Int32Val = 9999 } } };
        FeastProtoKeys.Read(Google.Protobuf.MessageExtensions.ToByteArray(values), keys.Add(0));
        keys.Complete();

        using var to = new AnswerBuffer();
        new FeastProtoAnswer().Write(to, plan, Served.Look(keys, plan.Read), keys);
        var answer = GetOnlineFeaturesResponse.Parser.ParseFrom(to.WrittenSpan);
        Assert.Equal(["driver_id", "conv_rate", "trips"], answer.Metadata.FeatureNames.Val);
        Assert.Equal([1001, 0, 9999], answer.Results[0].Values.Select(v => v.Int64Val));
        Assert.Equal([FieldStatus.Present, FieldStatus.NotFound, FieldStatus.NotFound], answer.Results[1].Statuses);
        Assert.Equal(0.70372635f, answer.Results[1].Values[0].FloatVal);
        Assert.Equal(1_640_991_600, answer.Results[1].EventTimestamps[0].Seconds);
        Assert.Equal(FieldStatus.NullValue, answer.Results[2].Statuses[0]);
    }

    internal static string Answer(ServedState state, string body, long now = Served.Eleven)
    {
        var bytes = Served.Utf8(body);
        using var call = FeastCall.Take();
        call.Body.Find(bytes);
        var names = System.Text.Json.JsonSerializer.Deserialize<string[]>(bytes.AsSpan()[call.Body.Features]) ?? [];
        var plan = FeastPlan.Of(Served.Plan(state, names), call.Body.FullFeatureNames);
        call.ReadKeys(bytes, plan);
        using var to = new AnswerBuffer();
        using var read = Served.Look(call.Keys, plan.Read, now);
        call.Answer.Write(to, plan, read, call.Keys);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }

    private static HotView Drivers(TimeSpan? timeToLive = null)
    {
        var view = Served.View(
            "demo", "stats", Served.Define([s_driver], [new("conv_rate", "float32", "c"), new("trips", "int64", "t")], timeToLive));
        Served.Push(view, k => k.Add(1001), Served.Eleven, (row, layout) => row.Set(layout.Slots[0], 0.70372635f));
        return view;
    }
}
