using Catalog.Hot;
using Catalog.Serving;
using Catalog.Storage.Hot;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using Catalog.Tests.Hot;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Serving;

public sealed class HotFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("catalog-hot-files-").FullName;
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_served_until_now_is_mapped_still_and_is_let_go_of_later()
    {
        var files = new HotFiles(new HotPlace(Path.Combine(_folder, "hot")), new ContentStore(LocalObjects.Open(_folder)), _clock);
        var active = await StoreAsync();
        var first = await files.OpenAsync(active, Ct);

        // It serves for hours, then another takes its place.
        for (var hour = 0; hour < 3; hour++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            files.Keep(new HashSet<string> { active.Sha256 });
        }

        files.Keep(new HashSet<string>());
        Assert.Same(first, await files.OpenAsync(active, Ct));

        _clock.Advance(TimeSpan.FromMinutes(11));
        files.Keep(new HashSet<string>());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder, "hot"), "*.gen"));
        Assert.NotSame(first, await files.OpenAsync(active, Ct));
    }

    /// <summary>A generation that is in the object store, and not here.</summary>
    private async Task<ActiveGeneration> StoreAsync()
    {
        using var builder = new GenerationBuilder(HotViews.Fixed, new() { Folder = _folder });
        var batch = HotViews.Batch([new(1, "a", 1, 1, 1, "x")]);
        builder.Add(RowSource.OfEvents(batch.Schema, HotViews.Fixed, "the test"), batch, origin: 0, long.MaxValue);
        var header = new GenerationHeader(
            NodeId.FeatureView("t", "view").WithVersion(1), HotViews.Fixed, [new(NodeId.Dataset("t", "events").WithVersion(1), 1)], 0,
            "test");
        var built = builder.Finish(Path.Combine(_folder, "built.gen"), header, Ct);
        await using var file = File.OpenRead(built.Path);
        var stored = await new ContentStore(LocalObjects.Open(_folder)).StoreAsync(file, sha256: null, Ct);
        return new(Guid.Parse("0198c0de-0000-7000-8000-000000000001"), stored.Sha256, built.Bytes, 0, HotViews.Fixed, Run: null)
        {
            Rows = 1,
            AsOf = DateTimeOffset.UnixEpoch,
        };
    }
}
