using System.Text;
using System.Text.Json;
using Catalog.Hot;
using Catalog.Server.Doors.Feast;
using Catalog.Server.Doors.Online;
using Catalog.Wire.Feast;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Xunit;
using FieldStatus = Catalog.Server.Doors.Online.FieldStatus;
using Value = Catalog.Wire.Feast.Value;

namespace Catalog.Tests.Serving;

/// <summary>Answers and keys that Feast's own code made are made here to the byte.</summary>
public sealed class FeastGoldenTests
{
    public static TheoryData<string> Answers => Names("golden_get_online_features_responses.json");

    public static TheoryData<string> Keys => Names("golden_entity_keys_v3.json");

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_is_written_as_Feast_does(string name)
    {
        var golden = Find("golden_get_online_features_responses.json", name);
        var answer = GetOnlineFeaturesResponse.Parser.ParseFrom(golden.GetProperty("response_proto_base64").GetBytesFromBase64());
        if (golden.GetProperty("http_body").GetString() is { } body)
            Assert.Equal(body, Write(answer));
        else
            Assert.Contains("\"values\":[null]", Write(answer), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_is_serialized_as_Feast_does(string name)
    {
        var golden = Find("golden_entity_keys_v3.json", name);
        var parts = golden.GetProperty("join_keys").EnumerateArray().Zip(golden.GetProperty("entity_values").EnumerateArray(), Part);
        using var key = new AnswerBuffer();
        FeastEntityKey.Write(key, [.. parts]);
        Assert.Equal(golden.GetProperty("entity_key_v3_hex").GetString(), Convert.ToHexStringLower(key.WrittenSpan));
    }

    private static (string JoinKey, HotType Type, byte[] Value) Part(JsonElement joinKey, JsonElement value)
    {
        var (type, bytes) = FeastWire.Packed(Value.Parser.ParseJson(value.GetRawText()));
        return (joinKey.GetString() ?? "", type ?? throw new InvalidOperationException("A key has no value."), bytes);
    }

    private static string Write(GetOnlineFeaturesResponse answer)
    {
        using var to = new AnswerBuffer();
        to.Write("{\"results\":["u8);
        for (var i = 0; i < answer.Results.Count; i++)
            WriteColumn(to, answer.Results[i], first: i == 0);
        to.Write("],\"metadata\":{\"feature_names\":["u8);
        for (var i = 0; i < answer.Metadata.FeatureNames.Val.Count; i++)
        {
            to.Write(i == 0 ? ""u8 : ","u8);
            JsonTexts.WriteText(to, Encoding.UTF8.GetBytes(answer.Metadata.FeatureNames.Val[i]));
        }

        to.Write("]}}"u8);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }

    private static void WriteColumn(AnswerBuffer to, GetOnlineFeaturesResponse.Types.FeatureVector column, bool first)
    {
        to.Write(first ? "{\"values\":["u8 : ",{\"values\":["u8);
        for (var i = 0; i < column.Values.Count; i++)
        {
            to.Write(i == 0 ? ""u8 : ","u8);
            var (type, bytes) = FeastWire.Packed(column.Values[i]);
            if (type is null || !FeastValues.TryWrite(to, type, bytes))
                to.Write("null"u8);
        }

        to.Write("],\"statuses\":["u8);
        FeastColumns.WriteStatuses(to, [.. column.Statuses.Select(s => (FieldStatus)s)]);
        to.Write("],\"event_timestamps\":["u8);
        WriteTimes(to, column.EventTimestamps);
        to.Write("]}"u8);
    }

    private static void WriteTimes(AnswerBuffer to, RepeatedField<Timestamp> times)
    {
        for (var i = 0; i < times.Count; i++)
        {
            to.Write(i == 0 ? ""u8 : ","u8);
            JsonTexts.WriteTime(to, times[i].Seconds, times[i].Nanos);
        }
    }

    private static JsonElement Find(string file, string name)
    {
        var path = Repository.File("..", "shared", "data", "feast", file);
        Assert.SkipUnless(File.Exists(path), "Feast's golden files are not at ../shared/data/feast.");
        return JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.EnumerateArray()
            .Single(golden => golden.GetProperty("name").GetString() == name);
    }

    /// <summary>Where the files are absent, one name that has the tests skipped.</summary>
    private static TheoryData<string> Names(string file)
    {
        var path = Repository.File("..", "shared", "data", "feast", file);
        return File.Exists(path)
            ? [.. JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.EnumerateArray()
                .Select(golden => golden.GetProperty("name").GetString() ?? "")]
            : ["absent"];
    }
}
