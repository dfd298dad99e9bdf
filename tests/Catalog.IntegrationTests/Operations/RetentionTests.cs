using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Retention;
using Catalog.Sdk;
using TombstoneCause = Catalog.Sdk.TombstoneCause;

namespace Catalog.IntegrationTests.Operations;

/// <summary>Versions go when their time is over, with their bytes, and not before; what is held stays.</summary>
public sealed class RetentionTests
{
    [Fact]
    public async Task A_version_whose_time_is_over_goes_with_its_bytes_and_stays_known()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var (dataset, files) = await ThreeVersionsAsync(server);
        await catalog.Retention.DeclareAsync(new(dataset.Namespace, dataset.Name), new RetentionPolicy(30));
        Assert.Empty((await catalog.Retention.ExpireAsync()).Versions);
        await AgeAsync(server, days: 31);

        var signed = new Uri(Assert.Single((await server.Api.GetAsync($"{dataset.Versions}/1/files/signed")).Expect(200).Items)
            .GetProperty("url").GetString() ?? "");
        var wouldGo = await catalog.Retention.ExpireAsync(dryRun: true);
        Assert.Equal([dataset.At(1), dataset.At(2)], wouldGo.Versions.Select(v => v.Node.ToString()));
        Assert.Equal("one", (await server.Api.GetAsync($"{dataset.Versions}/1/content?path=a")).Expect(200).Text);

        Assert.Equal(2, (await catalog.Retention.ExpireAsync()).Versions.Count);
        Assert.Empty((await catalog.Retention.ExpireAsync()).Versions);
        foreach (var path in (string[])["/1/content?path=a", "/1/files", "/2/content?path=a"])
            (await server.Api.GetAsync(dataset.Versions + path)).ExpectProblem(410, "version.expired");
        Assert.Equal("three", (await server.Api.GetAsync($"{dataset.Versions}/3/content?path=a")).Expect(200).Text);

        var shown = await catalog.Datasets.GetVersionAsync(NodeId.Parse(dataset.At(1)));
        Assert.Equal((VersionState.Tombstoned, TombstoneCause.Retention), (shown.State, shown.Tombstone?.Cause));
        Assert.NotNull(shown.ContentHash);
        Assert.Null(shown.ManifestHash);
        (await server.Api.PutAsync($"{dataset.Url}/aliases/gold", new { version = 1 })).ExpectProblem(410, "version.expired");

        await catalog.Objects.CollectGarbageAsync();
        Assert.Equal(2, (await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero)).FreedObjects);
        Assert.Equal([false, false, true], files.Select(f => File.Exists(PathOf(server, f))));
        using var anybody = new HttpClient();
        Assert.False((await anybody.GetAsync(signed)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Bytes_that_another_version_has_stay()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var (dataset, files) = await ThreeVersionsAsync(server);
        var other = await New.DatasetAsync(server.Api);
        (await server.Api.PostAsync(other.Versions, Files(files[0]))).Expect(201);
        await catalog.Retention.DeclareAsync(new(dataset.Namespace, dataset.Name), new RetentionPolicy(1));
        await AgeAsync(server, days: 2);

        await catalog.Retention.ExpireAsync();
        await catalog.Objects.CollectGarbageAsync();
        await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero);

        Assert.Equal("one", (await server.Api.GetAsync($"{other.Versions}/1/content?path=a")).Expect(200).Text);
        Assert.Equal([true, false, true], files.Select(f => File.Exists(PathOf(server, f))));
    }

    [Fact]
    public async Task What_is_held_stays_until_the_hold_is_released()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var (dataset, _) = await ThreeVersionsAsync(server);
        var name = new QualifiedName(dataset.Namespace, dataset.Name);
        await catalog.Retention.DeclareAsync(name, new RetentionPolicy(1));
        await catalog.Retention.HoldAsync(name, "case 4/ü", "Asked for by the court.");
        await AgeAsync(server, days: 2);

        var held = await catalog.Retention.ExpireAsync();
        Assert.Empty(held.Versions);
        Assert.Equal((2, "case 4/ü"), (Assert.Single(held.Held).Versions, Assert.Single(Assert.Single(held.Held).Holds)));
        var listed = Assert.Single(await catalog.Retention.ListAsync());
        Assert.Equal(("Asked for by the court.", new RetentionPolicy(1)), (listed.Holds["case 4/ü"], listed.Retention));

        await catalog.Retention.ReleaseAsync(name, "case 4/ü", "Closed.");
        Assert.Equal(2, (await catalog.Retention.ExpireAsync()).Versions.Count);
        await catalog.Retention.WithdrawAsync(name);
        Assert.Empty(await catalog.Retention.ListAsync());
    }

    [Fact]
    public async Task Only_administrators_may_and_what_is_wrong_is_named()
    {
        await using var server = await FreshServer.StartAsync();
        var dataset = await New.DatasetAsync(server.Api);
        var writer = (await server.Api.PostAsync("/v1/keys", new { name = "w", role = "writer" })).Expect(201)["key"].GetString();
        using var api = new Api(server.Server.Address, writer);

        (await api.PutAsync(dataset.Url + "/retention", new { days = 3 })).ExpectProblem(403, "access.denied");
        (await api.PutAsync(dataset.Url + "/holds/h", new { reason = "r" })).ExpectProblem(403, "access.denied");
        (await api.PostAsync("/v1/retention/expire", new { })).ExpectProblem(403, "access.denied");
        var wrong = (await server.Api.PutAsync(dataset.Url + "/retention", new { days = 0 })).ExpectProblem(400, "request.invalid");
        Assert.Contains("days", wrong.Text, StringComparison.Ordinal);
        (await server.Api.PostAsync(dataset.Url + "/holds/h/release", new { reason = "r" })).ExpectProblem(404, "hold.not_found");
    }

    /// <summary>As if the versions had been made so long ago.</summary>
    private static Task AgeAsync(FreshServer server, int days) => Sql.RunAsync(
        server.Database,
        $"""
        update catalog.mt_doc_page_version
        set data = jsonb_set(data, '{"{committedAt}"}', to_jsonb((data->>'committedAt')::timestamptz - interval '{days} days'))
        """);

    private static async Task<(DatasetName Dataset, IReadOnlyList<string> Files)> ThreeVersionsAsync(FreshServer server)
    {
        var dataset = await New.DatasetAsync(server.Api);
        var files = new List<string>();
        foreach (var text in (string[])["one", "two", "three"])
        {
            files.Add((await server.Api.UploadAsync(System.Text.Encoding.UTF8.GetBytes(text))).Expect(201)["sha256"].GetString() ?? "");
            (await server.Api.PostAsync(dataset.Versions, Files(files[^1]))).Expect(201);
        }

        return (dataset, files);
    }

    private static object Files(string sha256) => new { files = new[] { new { path = "a", sha256 } } };

    private static string PathOf(FreshServer server, string sha256) =>
        Path.Combine(server.Server.Data.Objects, "sha256", sha256[..2], sha256);
}
