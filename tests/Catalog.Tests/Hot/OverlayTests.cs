using Catalog.Features;
using Catalog.Hot;
using Catalog.Storage.Hot;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Hot;

public sealed class OverlayTests
{
    [Fact]
    public void In_whatever_order_rows_come_the_newest_of_each_key_holds() =>
        Gen.Select(Gen.Long[0, 5], Gen.Long[0, 20], Gen.Long[0, 3]).Array[1, 60].Sample(rows =>
        {
            var layout = RowLayout.Of(HotViews.Fixed);
            var overlay = new Overlay(layout, laterWinsTies: true);
            for (var i = 0; i < rows.Length; i++)
                overlay.Offer(Packed(layout, rows[i].Item1, rows[i].Item2, rows[i].Item3, value: i));

            foreach (var key in rows.Select(r => r.Item1).Distinct())
            {
                var newest = rows.Select((r, i) => (r, i)).Where(r => r.r.Item1 == key).OrderBy(r => (r.r.Item2, r.r.Item3, r.i)).Last();
                Assert.Equal(newest.i, Find(overlay, key)?.Value);
            }

            Assert.Null(Find(overlay, 99));
        });

    [Fact]
    public void Of_alike_rows_the_first_holds_where_the_view_says_so()
    {
        var layout = RowLayout.Of(HotViews.Fixed);
        var overlay = new Overlay(layout, laterWinsTies: false);

        Assert.True(overlay.Offer(Packed(layout, 1, 5, 5, value: 1)));
        Assert.False(overlay.Offer(Packed(layout, 1, 5, 5, value: 2)));

        Assert.Equal(1, Find(overlay, 1)?.Value);
    }

    [Fact]
    public async Task Readers_see_whole_rows_while_others_are_written()
    {
        var layout = RowLayout.Of(HotViews.Fixed);
        var overlay = new Overlay(layout, laterWinsTies: true);
        const int Writes = 200_000;
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < Writes; i++)
                overlay.Offer(Packed(layout, i % 1000, i, HotRow.NoTime, value: i));
        });
        var (torn, seen, last) = (0, 0, new long[1000]);
        do
        {
            for (var key = 0; key < 1000; key++)
            {
                if (Find(overlay, key) is not { } row)
                    continue;
                seen++;

                // A row says three times which write it is of, and is never older than what was seen before.
                torn += row.Value == row.Time && row.Narrow == row.Time && row.Time >= last[key] ? 0 : 1;
                last[key] = row.Time;
            }
        }
        while (!writing.IsCompleted);

        await writing;
        Assert.True(seen > 0);
        Assert.Equal(0, torn);
        Assert.Equal(1000, overlay.Count);
    }

    [Fact]
    public void A_row_is_packed_anew_for_a_view_that_was_extended()
    {
        var few = HotViews.ByTextAndNumber with { Features = [.. HotViews.ByTextAndNumber.Features.Take(3)] };
        var (from, to) = (RowLayout.Of(few), RowLayout.Of(HotViews.ByTextAndNumber));
        var keys = new KeyBatch();
        keys.Reset(from.Keys);
        HotViews.AddKey(keys, 7, "ü");
        var packer = new RowPacker(from);
        packer.Begin(keys, 0, eventTime: 3, created: 4);
        packer.Set(from.Slots[0], 1.5);
        packer.Set(from.Slots[2], "text");

        using var shelf = new RowShelf();
        var row = new HotRow(shelf.Keep(RowRepacker.Repack(packer.End(), from, to)));
        var back = new HotRow(shelf.Keep(RowRepacker.Repack(row.Bytes, to, from)));

        Assert.Equal((3, 4), (row.EventTime, row.Created));
        Assert.Equal(["1.5", "-", "text", "-", "-", "-"], to.Slots.Select(s => HotViews.Read(row, s)));
        Assert.Equal(["1.5", "-", "text"], from.Slots.Select(s => HotViews.Read(back, s)));
        Assert.True(row.HasKeyOf(back, to) || row.Key == back.Key);
    }

    [Fact]
    public void Packed_rows_are_a_table_again()
    {
        HotEvent[] events = [new(1, "a", 10, 2, 1.5, "xay"), new(2, "😀", 11, 0, double.NaN, null)];
        using var batch = HotViews.Batch(events);
        var folder = Directory.CreateTempSubdirectory("catalog-hot-").FullName;
        try
        {
            using var builder = new GenerationBuilder(HotViews.ByTextAndNumber, new() { Folder = folder });
            builder.Add(RowSource.OfEvents(batch.Schema, HotViews.ByTextAndNumber, "the test"), batch, origin: 0, long.MaxValue);
            var header = new GenerationHeader(
                NodeId.FeatureView("t", "view").WithVersion(1), HotViews.ByTextAndNumber,
                [new(NodeId.Dataset("t", "events").WithVersion(1), 7)], 0, "test/1");
            var first = Generation.Open(builder.Finish(Path.Combine(folder, "a"), header, CancellationToken.None).Path, sha256: null);

            // What was packed is unpacked as rows that are pushed, and packed again from there.
            var rows = first.All().Select(r => new HotRow(r).Bytes.ToArray()).ToList();
            using var table = PackedRows.ToBatch(
                HotViews.ByTextAndNumber, rows, [1, 2], [DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch], ["me", "me"]);
            using var again = new GenerationBuilder(HotViews.ByTextAndNumber, new() { Folder = folder });
            var named = PushedRows.Named(HotViews.ByTextAndNumber);
            again.Add(RowSource.OfEvents(table.Schema, named, "pushed rows"), table, origin: 0, long.MaxValue);
            var second = Generation.Open(again.Finish(Path.Combine(folder, "b"), header, CancellationToken.None).Path, sha256: null);

            var differences = new GenerationComparison(first, second, mostShown: 5).Compare(CancellationToken.None);
            Assert.True(differences.AreNone);
            Assert.Equal(2, differences.Rows);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Packed(RowLayout layout, long key, long time, long created, double value)
    {
        var keys = new KeyBatch();
        keys.Reset(layout.Keys);
        keys.Add(key);
        var packer = new RowPacker(layout);
        packer.Begin(keys, 0, time, created);
        packer.Set(layout.Slots[0], value);
        packer.Set(layout.Slots[1], (float)value);
        return packer.End().ToArray();
    }

    private static (double Value, float Narrow, long Time)? Find(Overlay overlay, long key)
    {
        var keys = new KeyBatch();
        keys.Reset(overlay.Layout.Keys);
        keys.Add(key);
        var rows = new nint[1];
        overlay.Prefer(keys, rows);
        var row = new HotRow(rows[0]);
        (double, float, long)? found = row.IsThere
            ? (row.Read<double>(overlay.Layout.Slots[0]), row.Read<float>(overlay.Layout.Slots[1]), row.EventTime)
            : null;
        GC.KeepAlive(overlay);
        return found;
    }
}
