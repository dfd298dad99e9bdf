using System.Buffers.Binary;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Lookup;
using Catalog.Server.Doors.Online;
using Catalog.Serving;
using Catalog.Storage.Hot;
using Google.Protobuf;
using Xunit;
using Answer = Catalog.Wire.Lookup.LookupAnswer;
using Proto = Catalog.Wire.Lookup;
using Request = Catalog.Wire.Lookup.LookupRequest;

namespace Catalog.Tests.Serving;

public sealed class LookupAnswerTests
{
    private static readonly EntityKey s_airport = new("airport", "string", "airport");
    private static readonly EntityKey s_hour = new("hour", "int32", "hour");

    [Fact]
    public void A_row_holds_what_the_packed_rows_do()
    {
        var plan = Plan(out _);
        var answer = Ask(plan, Keys(["ATL", "JFK", "ATL"], [7, 7, 8]));
        var layout = answer.Layout;
        Assert.Equal(plan.SchemaId, answer.Schema);
        Assert.Equal(["feature-view:demo/hour@1", "feature-view:demo/airport@1"], layout.Views.Select(v => v.Node));
        Assert.Equal(["hour__mean", "airport__code", "airport__planes", "airport__runways"], layout.Features.Select(f => f.Name));

        Assert.Equal((1, 1, 3), (Status(answer, 0, 0), Status(answer, 0, 1), Status(answer, 1, 1)));
        Assert.Equal(3, Status(answer, 2, 0));
        Assert.Equal(Served.Eleven, BinaryPrimitives.ReadInt64LittleEndian(Row(answer, 0)));
        Assert.Equal(12.5f, BinaryPrimitives.ReadSingleLittleEndian(Value(answer, 0, 0)));
        Assert.Equal("KATL"u8, Variable(answer, 0, 1));
        Assert.Equal("KATL"u8, Variable(answer, 2, 1));
        Assert.Equal(5L, BinaryPrimitives.ReadInt64LittleEndian(Value(answer, 0, 2)));
        Assert.True(Has(answer, 0, 2));
        Assert.False(Has(answer, 0, 3));
        Assert.False(Has(answer, 1, 2));
    }

    [Fact]
    public void A_schema_that_the_client_has_is_not_sent_again()
    {
        var plan = Plan(out _);
        Assert.Null(Ask(plan, Keys(["ATL"], [7]), plan.SchemaId).Layout);
        Assert.NotNull(Ask(plan, Keys(["ATL"], [7]), plan.SchemaId + 1).Layout);
    }

    [Fact]
    public void A_receipt_tells_of_each_row_where_it_comes_from()
    {
        GenerationOrigin[] origins =
        [
            .. Enumerable.Range(1, 400).Select(n => new GenerationOrigin(NodeId.Dataset("t", "events").WithVersion(n), n * 10)),
        ];
        var run = Guid.Parse("0198c0de-0000-7000-8000-000000000001");
        var definition = Served.Define([s_hour], [new("x", "int64", "x")]);
        var view = Served.View("demo", "v", definition) with
        {
            Header = new(NodeId.FeatureView("demo", "v").WithVersion(1), definition, origins, 0, "test"),
        };
        var active = new ActiveGeneration(run, "", 0, 0, definition, run) { Rows = 0, AsOf = DateTimeOffset.UnixEpoch };
        view = new(view.Node, definition, [], active, Local: null, view.Overlay) { Header = view.Header };
        var plan = LookupPlan.Of(Served.Plan(Served.State(view), "v:x"));
        using var read = Rows(view, plan, origin: [399, HotRow.Pushed, 7, 399]);
        using var to = new AnswerBuffer();
        LookupAnswer.Write(to, plan, read, plan.SchemaId, receipt: true);
        var answer = Answer.Parser.ParseFrom(to.WrittenSpan);

        Assert.Equal($"generation:{run}", Assert.Single(answer.Generations));
        var receipt = Assert.Single(answer.Receipts);
        Assert.Equal($"run:{run}", receipt.Run);
        Assert.Equal([("dataset:t/events@400", 4000L), ("dataset:t/events@8", 80L)], receipt.Origins.Select(o => (o.Version, o.Position)));
        Assert.Equal([2u, 1u, 3u, 2u, 0u], receipt.Rows);
    }

    [Fact]
    public void What_is_too_old_is_zeros()
    {
        var view = Served.View("demo", "v", Served.Define([s_hour], [new("x", "int64", "x")], TimeSpan.FromSeconds(1)));
        Served.Push(view, k => k.Add(1), Served.Eleven, (row, layout) => row.Set(layout.Slots[0], 7L));
        var plan = LookupPlan.Of(Served.Plan(Served.State(view), "v:x"));
        var request = new Request { Features = Names("v:x"), Keys = { new Proto.KeyColumn { Name = "hour", Numbers = { 1 } } } };
        var answer = Ask(plan, request, now: Served.Eleven + 1_000_001);
        Assert.Equal(4, Status(answer, 0, 0));
        Assert.False(Has(answer, 0, 0));
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(Value(answer, 0, 0)));
    }

    [Fact]
    public void Slots_beside_each_other_are_copied_at_once()
    {
        var view = Served.View(
            "demo", "wide", Served.Define([s_hour], [.. Enumerable.Range(0, 50).Select(i => new Feature($"f{i}", "float32", $"f{i}"))]));
        var state = Served.State(view);
        string[] all = [.. Enumerable.Range(0, 50).Select(i => $"wide:f{i}")];
        Assert.Single(LookupPlan.Of(Served.Plan(state, all)).Runs);
        Assert.Equal(2, LookupPlan.Of(Served.Plan(state, [.. all.Where((_, i) => i != 20)])).Runs.Length);
    }

    [Fact]
    public void Keys_of_the_wrong_kind_or_of_no_row_are_refused_by_name()
    {
        var plan = Plan(out _);
        var swapped = new Request
        {
            Features = Names("hour:mean"),
            Keys = { new Proto.KeyColumn { Name = "hour", Values = { ByteString.CopyFromUtf8("7") } } },
        };
        Assert.Contains("numbers", Refused(plan, swapped), StringComparison.Ordinal);
        Assert.Contains("has 1 values", Refused(plan, Keys(["ATL", "JFK"], [7])), StringComparison.Ordinal);
        Assert.Contains("'hour' must be given", Refused(plan, new Request { Features = Names("hour:mean") }), StringComparison.Ordinal);
        Assert.Equal(
            "request.malformed",
            Assert.Throws<ProblemException>(() => LookupRequest.ReadKeys([0x1A, 0x7F, 1], plan, new KeyColumns())).Problem.Code);
    }

    /// <summary>A lookup that found rows of these origins, and nothing for one key more.</summary>
    private static OnlineRead Rows(HotView view, LookupPlan plan, IReadOnlyList<uint> origin)
    {
        var read = new OnlineRead(_ => { });
        read.Begin(plan.Read, Served.Eleven);
        for (var i = 0; i <= origin.Count; i++)
            read.KeysOf(0).Add(i);
        var rows = read.RoomFor(0);
        for (var i = 0; i < origin.Count; i++)
        {
            var keys = new KeyBatch();
            keys.Reset(view.Layout.Keys);
            keys.Add(i);
            var packer = new RowPacker(view.Layout);
            packer.Begin(keys, 0, Served.Eleven, HotRow.NoTime);
            packer.Set(view.Layout.Slots[0], 7L);
            var packed = packer.End().ToArray();
            BinaryPrimitives.WriteUInt32LittleEndian(packed.AsSpan(24), origin[i]);
            view.Overlay.Offer(packed);
            view.Overlay.Prefer(keys, rows.Slice(i, 1));
        }

        return read;
    }

    private static string Refused(LookupPlan plan, Request request) =>
        Assert.Throws<ProblemException>(() => Ask(plan, request)).Problem.Detail;

    private static Answer Ask(LookupPlan plan, Request request, ulong schema = 0, long now = Served.Eleven)
    {
        var message = request.ToByteArray();
        Assert.False(LookupRequest.Of(message).IsService);
        var keys = new KeyColumns();
        LookupRequest.ReadKeys(message, plan, keys);
        using var read = Served.Look(keys, plan.Read, now);
        using var to = new AnswerBuffer();
        Catalog.Server.Doors.Lookup.LookupAnswer.Write(to, plan, read, schema, receipt: false);
        return Answer.Parser.ParseFrom(to.WrittenSpan);
    }

    private static LookupPlan Plan(out ServedState state)
    {
        var airport = Served.View("demo", "airport", Served.Define(
            [s_airport], [new("runways", "int32", "r"), new("planes", "int64", "p"), new("code", "string", "c")]));
        var hour = Served.View("demo", "hour", Served.Define([s_hour], [new("mean", "float32", "m")]));
        Served.Push(airport, k => Text(k, "ATL"), Served.Eleven + 5, (row, layout) =>
        {
            row.Set(layout.Slots[1], 5L);
            row.Set(layout.Slots[2], "KATL");
        });
        Served.Push(hour, k => k.Add(7), Served.Eleven, (row, layout) => row.Set(layout.Slots[0], 12.5f));
        state = Served.State(airport, hour);
        return LookupPlan.Of(Served.Plan(state, "hour:mean", "airport:code", "airport:planes", "airport:runways"));

        static void Text(KeyBatch keys, string text)
        {
            keys.Part(Served.Utf8(text));
            keys.EndKey();
        }
    }

    private static Request Keys(string[] airports, long[] hours) => new()
    {
        Features = Names("hour:mean"),
        Keys =
        {
            new Proto.KeyColumn { Name = "airport", Values = { airports.Select(ByteString.CopyFromUtf8) } },
            new Proto.KeyColumn { Name = "hour", Numbers = { hours } },
        },
    };

    private static Proto.FeatureNames Names(params string[] names) => new() { Val = { names } };

    private static ReadOnlySpan<byte> Row(Answer answer, int row) =>
        answer.Rows.Span.Slice(row * (int)answer.Layout.RowBytes, (int)answer.Layout.RowBytes);

    private static int Status(Answer answer, int row, int view) => Row(answer, row)[(int)answer.Layout.Views[view].StatusOffset];

    private static bool Has(Answer answer, int row, int feature)
    {
        var place = answer.Layout.Features[feature];
        var bits = Row(answer, row)[(int)answer.Layout.Views[(int)place.View].PresenceOffset..];
        return (bits[(int)place.Bit / 8] >> ((int)place.Bit & 7) & 1) != 0;
    }

    private static ReadOnlySpan<byte> Value(Answer answer, int row, int feature)
    {
        var place = answer.Layout.Features[feature];
        return Row(answer, row).Slice((int)place.Offset, (int)place.Width);
    }

    private static ReadOnlySpan<byte> Variable(Answer answer, int row, int feature)
    {
        var place = Value(answer, row, feature);
        return answer.Variable.Span.Slice(
            BinaryPrimitives.ReadInt32LittleEndian(place), BinaryPrimitives.ReadInt32LittleEndian(place[4..]));
    }
}
