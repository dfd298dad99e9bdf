using System.Text;
using Apache.Arrow;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Storage.Hot;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Hot;

/// <summary>Generations beside the plainest thing that does the same: a dictionary.</summary>
public sealed class GenerationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("catalog-hot-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_newest_row_of_each_key_is_found_and_no_other() =>
        Events.Sample(
            events =>
            {
                foreach (var view in new[] { HotViews.ByNumber, HotViews.ByTextAndNumber })
                {
                    var generation = Build(view, events, upTo: long.MaxValue);
                    AssertSame(view, Newest(view, events, long.MaxValue), generation);
                }
            },
            iter: 60);

    [Fact]
    public void Later_events_do_not_count() =>
        Events.Sample(
            events => AssertSame(HotViews.ByNumber, Newest(HotViews.ByNumber, events, 500), Build(HotViews.ByNumber, events, upTo: 500)),
            iter: 30);

    [Fact]
    public void Of_rows_that_are_alike_the_view_says_which_holds()
    {
        HotEvent[] events = [new(1, "a", 10, 10, 1.5, "first"), new(1, "a", 10, 10, 2.5, "second")];
        var first = HotViews.ByNumber with { Source = HotViews.ByNumber.Source with { Ties = TieRule.First } };
        AssertSame(first, new() { [(1L, "a")] = events[0] }, Build(first, events, long.MaxValue));
        AssertSame(HotViews.ByNumber, new() { [(1L, "a")] = events[1] }, Build(HotViews.ByNumber, events, long.MaxValue));
    }

    [Fact]
    public void Memory_makes_no_difference_to_the_bytes()
    {
        var random = new Random(7);
        HotEvent[] events =
        [
            .. Enumerable.Range(0, 150_000).Select(i => new HotEvent(
                random.Next(100_000), "k" + random.Next(3), random.Next(1000), random.Next(5), i, new string('x', random.Next(300)))),
        ];
        foreach (var view in new[] { HotViews.ByNumber, HotViews.ByTextAndNumber })
        {
            var roomy = BuildFile(view, events, new() { Folder = _folder }, out var nothing);
            var tight = BuildFile(
                view, events, new() { Folder = _folder, MemoryBytes = BuildOptions.LeastMemoryBytes }, out var spilled);
            Assert.Equal(0, nothing);
            Assert.True(spilled > 0);
            Assert.True(File.ReadAllBytes(roomy).AsSpan().SequenceEqual(File.ReadAllBytes(tight)));
        }

        Assert.All(Directory.GetFiles(_folder), f => Assert.EndsWith(".gen", f, StringComparison.Ordinal));
    }

    [Fact]
    public void A_generation_on_top_of_another_is_the_one_of_all_events() =>
        Events.Sample(
            events =>
            {
                var view = HotViews.ByTextAndNumber;
                var half = events.Length / 2;
                var earlier = Build(view, events[..half], long.MaxValue);
                using var builder = new GenerationBuilder(view, new() { Folder = _folder });
                builder.Add(earlier, [0]);
                Add(builder, view, events[half..], long.MaxValue);
                var built = builder.Finish(NewPath(), Header(view), CancellationToken.None);
                AssertSame(view, Newest(view, events, long.MaxValue), Generation.Open(built.Path, sha256: null));
            },
            iter: 30);

    [Fact]
    public void A_damaged_file_is_not_mapped()
    {
        var path = BuildFile(HotViews.ByNumber, [new(1, "a", 1, 1, 1, "x")], new() { Folder = _folder }, out _);
        var bytes = File.ReadAllBytes(path);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        Assert.Equal(1, Generation.Open(path, hash).Rows);

        var damaged = NewPath();
        bytes[4096] ^= 1;
        File.WriteAllBytes(damaged, bytes);
        var refused = Assert.Throws<GenerationException>(() => Generation.Open(damaged, hash));
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
        File.WriteAllBytes(damaged, bytes[..^10]);
        Assert.Throws<GenerationException>(() => Generation.Open(damaged, sha256: null));
        File.WriteAllBytes(damaged, bytes[..100]);
        Assert.Throws<GenerationException>(() => Generation.Open(damaged, sha256: null));
    }

    [Fact]
    public void Without_events_nothing_is_found()
    {
        var generation = Build(HotViews.ByNumber, [], long.MaxValue);
        AssertSame(HotViews.ByNumber, [], generation);
    }

    internal static Gen<HotEvent[]> Events { get; } =
        Gen.Select(
                Gen.Long[-3, 40], Gen.OneOf("a", "b", "ü/:😀", ""), Gen.Long[0, 1000], Gen.Long[0, 3], Gen.Double, Gen.String)
            .Select((id, group, time, created, value, text) => new HotEvent(id, group, time, created, value, Clean(text)))
            .Array[0, 300];

    // Halves of surrogate pairs are no text.
    private static string? Clean(string text) => text.Length % 5 == 0 ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static Dictionary<(long, string), HotEvent> Newest(FeatureDefinition view, HotEvent[] events, long upTo)
    {
        var byNumber = view == HotViews.ByNumber;
        var newest = new Dictionary<(long, string), HotEvent>();
        foreach (var e in events.Where(e => e.Time <= upTo))
        {
            var key = (e.Id, byNumber ? "a" : e.Group);
            if (!newest.TryGetValue(key, out var held) || (e.Time, e.Created).CompareTo((held.Time, held.Created)) >= 0)
                newest[key] = e;
        }

        return newest;
    }

    private Generation Build(FeatureDefinition view, HotEvent[] events, long upTo)
    {
        using var builder = new GenerationBuilder(view, new() { Folder = _folder });
        Add(builder, view, events, upTo);
        return Generation.Open(builder.Finish(NewPath(), Header(view), CancellationToken.None).Path, sha256: null);
    }

    private string BuildFile(FeatureDefinition view, HotEvent[] events, BuildOptions options, out long spilled)
    {
        using var builder = new GenerationBuilder(view, options);
        Add(builder, view, events, long.MaxValue);
        var built = builder.Finish(NewPath(), Header(view), CancellationToken.None);
        spilled = built.Spilled;
        return built.Path;
    }

    internal static void Add(GenerationBuilder builder, FeatureDefinition view, HotEvent[] events, long upTo)
    {
        foreach (var chunk in events.Chunk(1000))
        {
            using var batch = HotViews.Batch(chunk);
            builder.Add(RowSource.OfEvents(batch.Schema, view, "the test"), batch, origin: 0, upTo);
        }
    }

    internal static GenerationHeader Header(FeatureDefinition view) => new(
        NodeId.FeatureView("t", "view").WithVersion(1), view, [new(NodeId.Dataset("t", "events").WithVersion(1), 7)], 0, "test/1");

    private string NewPath() => Path.Combine(_folder, Path.GetRandomFileName() + ".gen");

    private static void AssertSame(FeatureDefinition view, Dictionary<(long Id, string Group), HotEvent> wanted, Generation found)
    {
        Assert.Equal(wanted.Count, found.Rows);
        var keys = new KeyBatch();
        keys.Reset(found.Layout.Keys);
        (long Id, string Group)[] asked = [.. wanted.Keys, (1_000_000, "a"), (-77, "nobody")];
        foreach (var (id, group) in asked)
            HotViews.AddKey(keys, id, group);
        keys.AddMissing();
        var rows = new nint[keys.Count];
        found.Find(keys, rows);
        for (var i = 0; i < asked.Length; i++)
        {
            var row = new HotRow(rows[i]);
            Assert.Equal(wanted.TryGetValue(asked[i], out var e), row.IsThere);
            if (e is not null)
                HotViews.AssertIs(e, row, found.Layout);
        }

        Assert.Equal(0, rows[^1]);
        Assert.Equal(found.Header.Definition, view);
        GC.KeepAlive(found);
    }
}
