using Catalog.Access;
using Catalog.IntegrationTests.DeltaSharing;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Usage;

namespace Catalog.IntegrationTests.Operations;

/// <summary>What is read is counted, for whom and for what.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reads_are_summed_by_whatever_they_are_asked_by()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "", new() { Purpose = Purpose.Training });
        var dataset = await New.DatasetAsync(server.Api);
        var version = await CommitAsync(catalog, dataset, rows: 50_000);
        await using var run = await catalog.StartRunAsync(new QualifiedName("jobs", "train"));

        await using (var file = await version.OpenAsync("a.parquet"))
            await file.CopyToAsync(Stream.Null);
        await DrainAsync(await (await run.ReadAsync(version.Node)).OpenColumnsAsync(new ColumnQuery { Columns = ["carrier"] }));

        var bytes = await version.Files().Select(f => f.Bytes ?? 0).SumAsync();
        var byWay = (await catalog.Usage.ReadAsync(UsageBy.Way)).Rows;
        Assert.Equal([("content", 1), ("columns", 1)], byWay.Select(r => (r.Key, r.Requests)));
        Assert.Equal(bytes, byWay[0].Bytes);
        Assert.InRange(byWay[1].Bytes, 1, bytes - 1);
        Assert.All(byWay, r => Assert.NotNull(r.LastReadAt));

        var total = byWay.Sum(r => r.Bytes);
        var byDataset = Assert.Single((await catalog.Usage.ReadAsync(UsageBy.Dataset)).Rows);
        Assert.Equal((dataset.Node, 2, total, bytes, 0), (
            byDataset.Key, byDataset.Requests, byDataset.Bytes, byDataset.StoredBytes, byDataset.ArchivedBytes));
        Assert.Equal(("team", bytes), One(await catalog.Usage.ReadAsync(UsageBy.Owner), r => (r.Key, r.StoredBytes ?? 0)));
        Assert.Equal((dataset.At(1), total), One(await catalog.Usage.ReadAsync(UsageBy.Version), r => (r.Key, r.Bytes)));
        Assert.Equal(("training", total), One(await catalog.Usage.ReadAsync(UsageBy.Purpose), r => (r.Key, r.Bytes)));
        Assert.Equal([("", byWay[0].Bytes), (run.Id.ToString(), byWay[1].Bytes)], [
            .. (await catalog.Usage.ReadAsync(UsageBy.Run)).Rows.Select(r => (r.Key, r.Bytes))]);
        var me = (await catalog.WhoAmIAsync()).Principal;
        Assert.Equal((me, 2), One(await catalog.Usage.ReadAsync(UsageBy.Principal), r => (r.Key, r.Requests)));
        await run.CompleteAsync();
    }

    [Fact]
    public async Task Files_given_out_by_address_count_whole_for_whoever_asked()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var dataset = await New.DatasetAsync(server.Api);
        var version = await CommitAsync(catalog, dataset, rows: 1_000);
        await using var run = await catalog.StartRunAsync(new QualifiedName("jobs", "train"));

        var file = await (await run.ReadAsync(version.Node)).SignAsync("a.parquet");
        await using (var stream = await version.OpenSignedAsync(file))
            await stream.CopyToAsync(Stream.Null);
        (await SharedTable.Of(dataset).QueryAsync(server.Api)).Expect(200);
        (await SharedTable.Of(dataset).QueryAsync(server.Api, new { limitHint = 0 })).Expect(200);

        var byWay = (await catalog.Usage.ReadAsync(UsageBy.Way)).Rows;
        Assert.Equal(
            [("signed", 1, file.Bytes), ("sharing", 2, file.Bytes)],
            byWay.OrderByDescending(r => r.Key, StringComparer.Ordinal).Select(r => (r.Key, r.Requests, r.Bytes)));
        var byRun = (await catalog.Usage.ReadAsync(UsageBy.Run)).Rows;
        Assert.Equal((file.Bytes, 1), byRun.Where(r => r.Key == run.Id.ToString()).Select(r => (r.Bytes, (int)r.Requests)).Single());
        await run.CompleteAsync();
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_summed()
    {
        await using var server = await FreshServer.StartAsync();
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var (mine, others) = (await New.DatasetAsync(server.Api), await New.DatasetAsync(server.Api));
        foreach (var dataset in new[] { mine, others })
            await DrainAsync(await (await CommitAsync(catalog, dataset, rows: 10)).OpenColumnsAsync());
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

        Assert.Equal(2, (await catalog.Usage.ReadAsync(UsageBy.Dataset)).Rows.Count);
        Assert.Equal(mine.Node, One(await catalog.Usage.ReadAsync(UsageBy.Dataset, new(Namespace: mine.Namespace)), r => r.Key));
        Assert.Equal(
            others.At(1), One(await catalog.Usage.ReadAsync(UsageBy.Version, new(Node: NodeId.Parse(others.At(1)))), r => r.Key));
        Assert.Empty((await catalog.Usage.ReadAsync(UsageBy.Version, new(Node: NodeId.Parse(others.At(2))))).Rows);
        Assert.Empty((await catalog.Usage.ReadAsync(UsageBy.Version, new(Until: today.AddDays(-2)))).Rows);
        Assert.NotEmpty((await catalog.Usage.ReadAsync(UsageBy.Day, new(Since: today.AddDays(-1), Until: today.AddDays(1)))).Rows);
    }

    [Fact]
    public async Task What_cannot_be_meant_is_refused_by_name()
    {
        await using var server = await FreshServer.StartAsync();
        var api = server.Api;

        await RefusedAsync("by", api.GetAsync("/v1/usage?by=moon"));
        await RefusedAsync("since", api.GetAsync("/v1/usage?since=yesterday"));
        await RefusedAsync("since", api.GetAsync("/v1/usage?since=2026-02-01&until=2026-01-01"));
        await RefusedAsync("node", api.GetAsync("/v1/usage?node=job:a/b"));
        await RefusedAsync("node", api.GetAsync("/v1/usage?node=dataset:a/b@gold"));
        await RefusedAsync("Catalog-Run", api.GetAsync("/v1/whoami", ("Catalog-Run", "mine")));
    }

    [Fact]
    public async Task Counts_survive_the_end_of_a_server()
    {
        await Requires.PostgresAsync();
        var options = new Catalog.Server.ServerOptions { DataFolder = _folder["data"], Url = "http://127.0.0.1:0" };
        await using (var server = await Catalog.Server.CatalogServer.StartAsync(options))
        {
            using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
            var dataset = await New.DatasetAsync(api);
            using var catalog = new CatalogClient(server.Address, api.Key ?? "");
            await DrainAsync(await (await CommitAsync(catalog, dataset, rows: 10)).OpenColumnsAsync());
        }

        await using var again = await Catalog.Server.CatalogServer.StartAsync(options);
        using var later = new CatalogClient(again.Address, await KeyFile.ReadAsync(_folder["data"]));
        Assert.Equal(1, One(await later.Usage.ReadAsync(UsageBy.Version), r => r.Requests));
    }

    private async Task<VersionReader> CommitAsync(CatalogClient catalog, DatasetName dataset, int rows)
    {
        var folder = Directory.CreateDirectory(_folder[New.Name()]).FullName;
        Tables.Write(folder, "a.parquet", rows);
        var name = new QualifiedName(dataset.Namespace, dataset.Name);
        var receipt = await catalog.Datasets.CommitAsync(name, NewVersion.Of([Path.Combine(folder, "a.parquet")]));
        return await catalog.Datasets.ReadAsync(receipt.Node);
    }

    private static async Task DrainAsync(ColumnStream columns)
    {
        await using (columns)
        {
            await foreach (var batch in columns.BatchesAsync())
                batch.Dispose();
        }
    }

    private static async Task RefusedAsync(string field, Task<Answer> asked)
    {
        var refused = (await asked).ExpectProblem(400, "request.invalid");
        Assert.Contains(field, refused.Text, StringComparison.Ordinal);
    }

    private static T One<T>(UsageReport report, Func<UsageRow, T> read) => read(Assert.Single(report.Rows));
}
