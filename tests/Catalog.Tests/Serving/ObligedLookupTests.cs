using System.Text;
using System.Text.Json;
using Catalog.Access;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Server.Doors.Feast;
using Catalog.Server.Doors.Lookup;
using Catalog.Server.Doors.Online;
using Catalog.Server.Doors.Resp;
using Catalog.Serving;
using Catalog.Storage.Columnar.Masking;
using Catalog.Storage.Hot;
using Catalog.Wire.Feast;
using Xunit;
using Answer = Catalog.Wire.Lookup.LookupAnswer;
using FieldStatus = Catalog.Wire.Feast.FieldStatus;

namespace Catalog.Tests.Serving;

/// <summary>What lookups answer with where something binds who asks, in the words of every door.</summary>
public sealed class ObligedLookupTests
{
    private static readonly EntityKey s_id = new("id", "int64", "id");
    private static readonly MaskHashes s_hashes = new(new byte[32]);

    private static readonly Feature[] s_features =
        [new("tail", "string", "tail"), new("delay", "int32", "delay"), new("note", "json", "note"), new("region", "string", "region")];

    [Fact]
    public void Our_JSON_says_what_is_masked_and_that_rows_are_left_out()
    {
        using var read = Look(["v:tail", "v:note", "v:delay"], ["region = 'eu'"], new("tail", Mask.LastFour), new("note", Mask.Redact));
        using var to = new AnswerBuffer();
        FeatureValuesJson.Write(to, read, receipt: true);
        var answer = JsonDocument.Parse(to.Written).RootElement;

        var columns = answer.GetProperty("columns").EnumerateArray().ToList();
        Assert.Equal(
            """{"view":0,"name":"tail","type":"string","mask":"last-four","values":["**123X",null],"statuses":["present","notFound"]}""",
            columns[0].GetRawText());
        Assert.Equal("string redact", $"{columns[1].GetProperty("type")} {columns[1].GetProperty("mask")}");
        Assert.False(columns[2].TryGetProperty("mask", out _));
        var view = answer.GetProperty("views")[0];
        Assert.True(view.GetProperty("filtered").GetBoolean());
        Assert.Equal("""["push",null]""", view.GetProperty("origins").GetRawText());
        Assert.Equal(JsonValueKind.Null, view.GetProperty("eventTimes")[1].ValueKind);
    }

    [Fact]
    public void Without_obligations_our_JSON_is_what_it_was()
    {
        using var read = Look(["v:tail"], []);
        using var to = new AnswerBuffer();
        FeatureValuesJson.Write(to, read, receipt: false);
        Assert.False(read.IsObliged);
        Assert.DoesNotContain("mask", Encoding.UTF8.GetString(to.WrittenSpan), StringComparison.Ordinal);
        Assert.DoesNotContain("filtered", Encoding.UTF8.GetString(to.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void Feast_is_told_a_masked_value_by_the_type_that_it_has_then()
    {
        using var read = Look(
            ["v:tail", "v:note", "v:delay"], [], new("tail", Mask.Null), new("note", Mask.Redact), new("delay", Mask.Bucket));
        using var to = new AnswerBuffer();
        new FeastProtoAnswer().Write(to, FeastPlan.Of(read.Plan, fullNames: false), read, Keys(read.Plan));
        var answer = GetOnlineFeaturesResponse.Parser.ParseFrom(to.WrittenSpan);

        Assert.Equal([FieldStatus.NullValue, FieldStatus.NullValue], answer.Results[1].Statuses);
        Assert.Equal("REDACTED", answer.Results[2].Values[0].StringVal);
        Assert.Equal([10, -10], answer.Results[3].Values.Select(v => v.Int32Val));

        using var json = new AnswerBuffer();
        new FeastAnswer().Write(json, FeastPlan.Of(read.Plan, fullNames: false), read, Keys(read.Plan));
        Assert.Contains("""{"values":["REDACTED",null],"statuses":["PRESENT","NULL_VALUE"]""", Text(json), StringComparison.Ordinal);
    }

    [Fact]
    public void The_compact_lookup_says_it_in_each_answer_and_its_schema_is_the_same_for_all()
    {
        using var read = Look(["v:delay", "v:tail"], ["id < 2"], new ColumnMask("tail", Mask.Redact));
        var plan = LookupPlan.Of(read.Plan);
        using var to = new AnswerBuffer();
        LookupAnswer.Write(to, plan, read, plan.SchemaId, receipt: false);
        var answer = Answer.Parser.ParseFrom(to.WrittenSpan);

        Assert.Equal([(1u, "redact")], answer.Masked.Select(m => (m.Feature, m.Mask)));
        Assert.Equal([0u], answer.Filtered);
        Assert.Equal("REDACTED", answer.Variable.ToStringUtf8());
        Assert.Equal(plan.SchemaId, answer.Schema);
    }

    [Fact]
    public void The_protocol_of_Redis_has_a_field_for_what_is_masked()
    {
        using var read = Look(["v:delay"], [], new("delay", Mask.Bucket), new("tail", Mask.Hash));
        var fields = new RespFields(
            read.Plan, [new("delay", null) { Feature = read.Plan.Features[0] }, RespField.Of("@masked"), RespField.Of("@status")]);
        Assert.Equal("$2\r\n10\r\n$22\r\ndelay=bucket,tail=hash\r\n$7\r\npresent\r\n", Written(fields, read));

        using var free = Look(["v:delay"], []);
        Assert.Equal("$-1\r\n", Written(new(free.Plan, [RespField.Of("@masked")]), free));

        static string Written(RespFields fields, OnlineRead read)
        {
            using var buffer = new AnswerBuffer();
            RespHashes.WriteValues(new RespWriter(buffer), fields, read);
            return Text(buffer);
        }
    }

    [Theory]
    [InlineData("region = 'eu'", "Present NotFound")]
    [InlineData("region != 'eu'", "NotFound NotFound")] // the other has no region, and null meets nothing
    [InlineData("region is null", "NotFound Present")]
    [InlineData("id >= 2", "NotFound Present")]
    [InlineData("delay > 0 and tail = 'N9123X'", "Present NotFound")] // by the value, though it is masked
    public void Rows_that_do_not_meet_a_filter_are_not_found_by_features_asked_for_or_not(string filter, string statuses)
    {
        using var read = Look(["v:delay"], [filter], new ColumnMask("tail", Mask.Null));
        var found = Enumerable.Range(0, 2).Select(i => $"{read.StatusOf(read.Plan.Features[0], i)}");
        Assert.Equal(statuses, string.Join(' ', found));
    }

    [Fact]
    public void Nothing_is_looked_up_by_a_masked_key_also_where_all_columns_are()
    {
        var view = View();
        foreach (var obligations in new AccessObligations[] { new([new("id", Mask.Hash)], Mask.None, []), new([], Mask.Year, []) })
        {
            var refused = Obliged(view, ["v:delay"], obligations).Problem;
            Assert.Equal(("access.masked_column", "keys"), (refused?.Code, refused?.Errors?.Keys.Single()));
            Assert.Contains("'id'", refused?.Detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("place = 'x'")]
    [InlineData("event_time > '2026-01-01'")]
    [InlineData("delay = 'late'")]
    [InlineData("delay")]
    public void A_filter_that_does_not_fit_the_view_refuses_and_its_words_are_not_told(string filter)
    {
        var refused = Obliged(View(), ["v:delay"], new([], Mask.None, [filter])).Problem;
        Assert.Equal("access.denied", refused?.Code);
        Assert.DoesNotContain("late", refused?.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("place", refused?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_obligations_are_worked_out_once_for_a_plan()
    {
        var views = Served.Plan(Served.State(View()), "v:delay").Views[0].Obliged;
        AccessObligations Bucket() => new([new("delay", Mask.Bucket)], Mask.None, []);

        var first = views.Of(Bucket());

        Assert.Same(first, views.Of(Bucket()));
        Assert.NotSame(first, views.Of(new([new("delay", Mask.Null)], Mask.None, [])));
        Assert.Same(first, views.Of(Bucket()));
    }

    [Fact]
    public void What_a_policy_says_of_columns_that_the_view_does_not_have_changes_nothing()
    {
        using var read = Look(["v:delay", "v:note"], [], new ColumnMask("passenger", Mask.Null));
        Assert.Equal(17, read.RowOf(0, 0).Read<int>(read.Plan.Features[0].Slot ?? throw new InvalidOperationException()));
        Assert.Null(read.MaskOf(read.Plan.Features[0]));
        Assert.Equal("json", read.TypeOf(read.Plan.Features[1]).Name);
    }

    private static HotView View()
    {
        var view = Served.View("demo", "v", Served.Define([s_id], s_features));
        Served.Push(view, k => k.Add(1), Served.Eleven, (row, layout) =>
        {
            row.Set(layout.Slots[0], "N9123X");
            row.Set(layout.Slots[1], 17);
            row.Set(layout.Slots[2], """{"a":1}""");
            row.Set(layout.Slots[3], "eu");
        });
        Served.Push(view, k => k.Add(2), Served.Eleven, (row, layout) => row.Set(layout.Slots[1], -3));
        return view;
    }

    /// <summary>Keys 1 and 2, looked up with these bound.</summary>
    private static OnlineRead Look(IReadOnlyList<string> features, IReadOnlyList<string> filters, params IReadOnlyList<ColumnMask> masks)
    {
        var view = View();
        var plan = Served.Plan(Served.State(view), features);
        var read = Served.Look(Keys(plan), plan);
        var obligations = new AccessObligations(masks, Mask.None, filters);
        if (obligations.IsNone)
            return read;
        var bound = plan.Views[0].Obliged.Of(obligations);
        read.Oblige([bound.Value ?? throw new InvalidOperationException(bound.Problem?.Detail)]);
        read.MeetObligations(s_hashes);
        return read;
    }

    private static Outcome<ObligedView> Obliged(HotView view, IReadOnlyList<string> features, AccessObligations obligations) =>
        Served.Plan(Served.State(view), features).Views[0].Obliged.Of(obligations);

    private static KeyColumns Keys(ReadPlan plan)
    {
        var keys = new KeyColumns();
        keys.Begin(plan, "keys");
        var json = new Utf8JsonReader("[1,2]"u8);
        JsonKeys.Read(ref json, keys.Add(0));
        keys.Complete();
        return keys;
    }

    private static string Text(AnswerBuffer buffer) => Encoding.UTF8.GetString(buffer.WrittenSpan);
}
