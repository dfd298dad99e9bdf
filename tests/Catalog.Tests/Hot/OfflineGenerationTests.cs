using Catalog.Features;
using Catalog.Hot;
using Catalog.Storage.Hot;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Hot;

/// <summary>A generation read in parts beside the same one mapped into memory.</summary>
public sealed class OfflineGenerationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("catalog-offline-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Finds_what_the_mapped_one_does() =>
        GenerationTests.Events.Sample(
            events =>
            {
                foreach (var view in new[] { HotViews.Fixed, HotViews.ByNumber, HotViews.ByTextAndNumber })
                    SameAsync(view, events, [.. Enumerable.Range(-5, 60).Select(i => (long)i)]).GetAwaiter().GetResult();
            },
            iter: 40);

    [Fact]
    public async Task Finds_rows_that_lie_far_from_each_other()
    {
        HotEvent[] events = [.. Enumerable.Range(0, 30_000).Select(i => new HotEvent(i * 7, "a", i, 1, i, new string('x', i % 500)))];
        long[] few = [.. Enumerable.Range(0, 300).Select(i => (long)i * 531)];
        foreach (var view in new[] { HotViews.Fixed, HotViews.ByNumber, HotViews.ByTextAndNumber })
            await SameAsync(view, events, few);
    }

    [Fact]
    public async Task Rows_of_another_layout_are_refused()
    {
        var (objects, stored, _) = await StoreAsync(HotViews.ByNumber, [new(1, "a", 1, 1, 1, "x")]);

        var refused = await Assert.ThrowsAsync<GenerationException>(() => OfflineGeneration.OpenAsync(
            objects, stored.Sha256, stored.Bytes, RowLayout.Of(HotViews.Fixed), TestContext.Current.CancellationToken));

        Assert.Contains("other features", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever rotted: rows that are told lie within what was read, and the reader ends.</summary>
    [Fact]
    public async Task A_damaged_file_is_read_within_its_bounds()
    {
        var view = HotViews.ByTextAndNumber;
        HotEvent[] events = [.. Enumerable.Range(0, 200).Select(i => new HotEvent(i, "k" + (i % 3), i, 1, i, new string('x', i % 9)))];
        var (_, _, path) = await StoreAsync(view, events);
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var random = new Random(3);
        var refusals = 0;
        for (var n = 0; n < 100; n++)
        {
            var bytes = whole.ToArray();
            for (var i = 0; i < 20; i++)
                bytes[random.Next(4096, bytes.Length)] = (byte)random.Next(256);
            refusals += await ReadsAsync(view, bytes, events) ? 0 : 1;
        }

        Assert.InRange(refusals, 1, 100);
    }

    private async Task<bool> ReadsAsync(FeatureDefinition view, byte[] bytes, HotEvent[] events)
    {
        var ct = TestContext.Current.CancellationToken;
        var objects = Objects();
        var stored = await objects.StoreAsync(new MemoryStream(bytes), sha256: null, ct);
        using var shelf = new RowShelf();
        try
        {
            var layout = RowLayout.Of(view);
            var offline = await OfflineGeneration.OpenAsync(objects, stored.Sha256, stored.Bytes, layout, ct);
            var keys = Keys(layout, [.. events.Select(e => e.Id)]);
            var rows = new nint[keys.Count];
            await offline.FindAsync(keys, shelf, rows, ct);
            Assert.All(rows.Where(r => r != 0), r => Assert.True(layout.Holds(new HotRow(r).Bytes)));
            return true;
        }
        catch (GenerationException)
        {
            return false;
        }
    }

    private async Task SameAsync(FeatureDefinition view, HotEvent[] events, long[] ids)
    {
        var ct = TestContext.Current.CancellationToken;
        var (objects, stored, path) = await StoreAsync(view, events);
        var mapped = Generation.Open(path, stored.Sha256);
        var offline = await OfflineGeneration.OpenAsync(objects, stored.Sha256, stored.Bytes, RowLayout.Of(view), ct);
        var keys = Keys(mapped.Layout, ids);
        keys.AddMissing();
        var (wanted, found) = (new nint[keys.Count], new nint[keys.Count]);
        mapped.Find(keys, wanted);
        using var shelf = new RowShelf();
        await offline.FindAsync(keys, shelf, found, ct);

        for (var i = 0; i < keys.Count; i++)
        {
            Assert.Equal(wanted[i] != 0, found[i] != 0);
            if (wanted[i] != 0)
                Assert.True(new HotRow(wanted[i]).Bytes.SequenceEqual(new HotRow(found[i]).Bytes));
        }

        GC.KeepAlive(mapped);
    }

    private static KeyBatch Keys(RowLayout layout, long[] ids)
    {
        var keys = new KeyBatch();
        keys.Reset(layout.Keys);
        foreach (var id in ids)
        {
            foreach (var group in keys.AreNumbers ? ["a"] : new[] { "a", "b", "k0", "k1", "k2" })
                HotViews.AddKey(keys, id, group);
        }

        return keys;
    }

    private ContentStore Objects() => new(LocalObjectStore.Open(Path.Combine(_folder, "objects")));

    private async Task<(ContentStore Objects, StoredContent Stored, string Path)> StoreAsync(FeatureDefinition view, HotEvent[] events)
    {
        using var builder = new GenerationBuilder(view, new() { Folder = _folder });
        GenerationTests.Add(builder, view, events, long.MaxValue);
        var path = Path.Combine(_folder, Path.GetRandomFileName() + ".gen");
        builder.Finish(path, GenerationTests.Header(view), CancellationToken.None);
        var objects = Objects();
        await using var content = File.OpenRead(path);
        return (objects, await objects.StoreAsync(content, sha256: null, TestContext.Current.CancellationToken), path);
    }
}
