using Catalog.Features;
using Catalog.IntegrationTests.Features;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Operations;

/// <summary>What no version has is freed, and what one has never is.</summary>
public sealed class GarbageTests
{
    [Fact]
    public async Task What_nobody_committed_is_noted_first_and_freed_later()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var dataset = await New.DatasetAsync(server.Api);
        var (kept, left) = (await UploadAsync(server.Api, "kept"), await UploadAsync(server.Api, "left"));
        await CommitAsync(server.Api, dataset, kept);

        var dry = await catalog.Objects.CollectGarbageAsync(dryRun: true);
        Assert.Equal((true, 1, 4, 0), (dry.DryRun, dry.UnusedObjects, dry.UnusedBytes, dry.FreedObjects));
        Assert.Equal(new UnusedObject(left, 4, Since: null, FreeFrom: null, Freed: false), Assert.Single(dry.Objects));

        var noted = Assert.Single((await catalog.Objects.CollectGarbageAsync()).Objects);
        Assert.Equal((left, false), (noted.Sha256, noted.Freed));
        Assert.Equal(noted.Since + TimeSpan.FromHours(24), noted.FreeFrom);

        var wouldFree = await catalog.Objects.CollectGarbageAsync(dryRun: true, TimeSpan.Zero);
        Assert.Equal((1, 4), (wouldFree.FreedObjects, wouldFree.FreedBytes));
        Assert.True(File.Exists(PathOf(server, left)));

        var freed = await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero);
        Assert.Equal((1, 4, true), (freed.FreedObjects, freed.FreedBytes, Assert.Single(freed.Objects).Freed));
        Assert.False(File.Exists(PathOf(server, left)));
        Assert.Equal(0, (await catalog.Objects.CollectGarbageAsync(dryRun: true)).UnusedObjects);
        Assert.Equal("kept", (await server.Api.GetAsync($"{dataset.Versions}/1/content?path=kept")).Expect(200).Text);
        (await server.Api.PostAsync(dataset.Versions, Files(left))).ExpectProblem(422, "object.not_found");
    }

    [Fact]
    public async Task Who_uploads_what_was_noted_has_the_whole_grace_again()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var left = await UploadAsync(server.Api, "left");
        await catalog.Objects.CollectGarbageAsync();

        await UploadAsync(server.Api, "left");

        Assert.Null(Assert.Single((await catalog.Objects.CollectGarbageAsync(dryRun: true, TimeSpan.Zero)).Objects).Since);
        var dataset = await New.DatasetAsync(server.Api);
        await CommitAsync(server.Api, dataset, left);
        Assert.Equal(0, (await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero)).UnusedObjects);
    }

    [Fact]
    public async Task What_is_committed_after_it_was_noted_stays()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var dataset = await New.DatasetAsync(server.Api);
        var late = await UploadAsync(server.Api, "late");
        await catalog.Objects.CollectGarbageAsync();
        await CommitAsync(server.Api, dataset, late);

        Assert.Equal(0, (await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero)).UnusedObjects);
        Assert.True(File.Exists(PathOf(server, late)));
    }

    [Fact]
    public async Task The_bytes_of_a_generation_stay_until_it_is_dropped()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var source = await New.DatasetAsync(server.Api, "demo", "flights");
        var bytes = await UploadAsync(server.Api, "values");
        var definition = new FeatureDefinition(
            [], new FeatureSource(NodeId.Parse(source.Node), "landed"), [new Feature("delay", "float64", "delay")]);
        await catalog.Features.ApplyAsync([new FeatureViewSpec("demo/delays", "team", definition)]);
        await catalog.Objects.CollectGarbageAsync();
        var generation = await Generations.RecordAsync(
            server.Server.Services, NodeId.FeatureView("demo", "delays", "1"), definition.Hash(), NodeId.Parse(source.At(1)), bytes);

        Assert.Equal(0, (await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero)).UnusedObjects);
        await catalog.Features.Generations.DropAsync(generation, "Old.");
        var noted = Assert.Single((await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero)).Objects);
        Assert.Equal((bytes, false), (noted.Sha256, noted.Freed));
        Assert.Equal(1, (await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero)).FreedObjects);
        Assert.False(File.Exists(PathOf(server, bytes)));
    }

    /// <summary>Bytes that were noted are committed and freed at the same moment: one of the two wins, and never both.</summary>
    [Fact]
    public async Task A_version_never_has_what_was_freed_at_the_same_moment()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var dataset = await New.DatasetAsync(server.Api);
        var uploaded = new List<string>();
        for (var i = 0; i < 60; i++)
            uploaded.Add(await UploadAsync(server.Api, $"bytes {i}"));
        await catalog.Objects.CollectGarbageAsync();

        var freeing = catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero);
        var commits = await Task.WhenAll(uploaded.Select(u => server.Api.PostAsync(dataset.Versions, Files(u))));
        var freed = (await freeing).Objects.Where(o => o.Freed).Select(o => o.Sha256).ToHashSet(StringComparer.Ordinal);

        for (var i = 0; i < uploaded.Count; i++)
        {
            Assert.Contains((int)commits[i].Status, (int[])[201, 422]);
            Assert.Equal((int)commits[i].Status == 422, freed.Contains(uploaded[i]));
            Assert.Equal((int)commits[i].Status == 201, File.Exists(PathOf(server, uploaded[i])));
        }
    }

    /// <summary>As a copy of a catalog does that was restored beside it.</summary>
    [Fact]
    public async Task Where_another_database_keeps_objects_too_nothing_is_freed_or_moved()
    {
        using var folder = new TemporaryFolder();
        await using var server = await FreshServer.StartAsync(o => o with { Archive = folder["archive"] });
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        await UploadAsync(server.Api, "left");
        await catalog.Objects.CollectGarbageAsync();
        await using (await FreshServer.StartAsync(o => o with { Archive = folder["archive"] }))
        {
            (await server.Api.PostAsync("/v1/garbage/collect", new { dryRun = true })).ExpectProblem(409, "storage.shared");
            (await server.Api.PostAsync("/v1/tiers/apply")).ExpectProblem(409, "storage.shared");
        }

        var refused = await Assert.ThrowsAsync<CatalogException>(() => catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero));
        var mark = Directory.EnumerateFiles(folder["archive/databases"]).Select(Path.GetFileName)
            .Single(id => refused.Message.Contains($"databases/{id}", StringComparison.Ordinal));
        File.Delete(folder[$"archive/databases/{mark}"]);
        Assert.Equal(1, (await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero)).FreedObjects);
    }

    [Fact]
    public async Task Only_administrators_may_and_the_grace_is_bounded()
    {
        await using var server = await FreshServer.StartAsync();
        var writer = (await server.Api.PostAsync("/v1/keys", new { name = "w", role = "writer" })).Expect(201)["key"].GetString();
        using var api = new Api(server.Server.Address, writer);

        (await api.PostAsync("/v1/garbage/collect", new { })).ExpectProblem(403, "access.denied");
        var refused = (await server.Api.PostAsync("/v1/garbage/collect", new { graceSeconds = -1 })).ExpectProblem(400, "request.invalid");
        Assert.Contains("graceSeconds", refused.Text, StringComparison.Ordinal);
    }

    private static string PathOf(FreshServer server, string sha256) =>
        Path.Combine(server.Server.Data.Objects, "sha256", sha256[..2], sha256);

    private static async Task<string> UploadAsync(Api api, string text) =>
        (await api.UploadAsync(System.Text.Encoding.UTF8.GetBytes(text))).Expect(201)["sha256"].GetString() ?? "";

    private static async Task CommitAsync(Api api, DatasetName dataset, string sha256) =>
        (await api.PostAsync(dataset.Versions, Files(sha256, "kept"))).Expect(201);

    private static object Files(string sha256, string path = "a") => new { files = new[] { new { path, sha256 } } };
}
