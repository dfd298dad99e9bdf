using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.PolicyProjections;

/// <summary>Stores that fail, servers that die, and servers that make the same at once.</summary>
public sealed class BrokenProjectionTests : IDisposable
{
    private const string Made = "select count(*) from catalog.mt_events where type = 'dataset_version_projected'";

    /// <summary>The last that the connection did which holds the turn.</summary>
    private const string HasTurn =
        "select count(*) from pg_stat_activity where query like 'select pg_advisory_lock(hashtextextended(%' and state = 'idle'";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task While_the_store_fails_nothing_is_made_and_later_it_is()
    {
        Directory.CreateDirectory(_folder["files"]);
        await using var server = await FreshServer.StartAsync(o => o with { Roots = [_folder["files"]] });
        var (dataset, reader) = await TableAsync(server.Api, server.Server.Address, rows: 1_000);
        var objects = server.Server.Data.Objects;
        Directory.Move(objects, $"{objects}.away");
        await File.WriteAllTextAsync(objects, "no folder");

        var failed = await reader.GetAsync($"{dataset.Versions}/1/files/signed");
        var (recorded, known) = (await Sql.ReadAsync<long>(server.Database, Made), await CountKnownAsync(server.Database));
        File.Delete(objects);
        Directory.Move($"{objects}.away", objects);
        var signed = (await reader.GetAsync($"{dataset.Versions}/1/files/signed")).Expect(200);

        Assert.NotNull(failed.Problem);
        Assert.Equal((0, 0), (recorded, known));
        var file = Assert.Single(signed.Items);
        Assert.Equal(file.GetProperty("sha256").GetString(), New.Sha256((await Shown.FetchAsync([Url(file)]))[0]));
        Assert.Equal((1, 1), (await Sql.ReadAsync<long>(server.Database, Made), await CountKnownAsync(server.Database)));

        static Uri Url(System.Text.Json.JsonElement file) => new(file.GetProperty("url").GetString() ?? "");
    }

    [Fact]
    public async Task What_a_killed_server_was_making_is_made_by_another_that_waits_for_it()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        Directory.CreateDirectory(_folder["files"]);
        using var first = await ServerProcess.StartAsync(_folder["a"], _folder["files"], postgres.ConnectionString);
        using var second = await ServerProcess.StartAsync(_folder["b"], _folder["files"], postgres.ConnectionString);
        using var api = await first.ApiAsync();
        var (dataset, reader) = await TableAsync(api, first.Address, rows: 4_000_000);
        using var other = new Api(second.Address, reader.Key);

        var dying = reader.GetAsync($"{dataset.Versions}/1/files/signed");
        await Eventually.True(
            async () => await Sql.ReadAsync<long>(postgres.ConnectionString, HasTurn) == 1, "the first server makes files");
        var waiting = other.GetAsync($"{dataset.Versions}/1/files");
        await first.KillAsync();
        var listed = (await waiting).Expect(200);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => dying);
        Assert.Equal(4_000_000, listed.Items.Sum(f => f.GetProperty("rows").GetInt64()));
        Assert.Equal(1, await Sql.ReadAsync<long>(postgres.ConnectionString, Made));
        Assert.Equal(1, await CountKnownAsync(postgres.ConnectionString));
    }

    [Fact]
    public async Task Servers_that_are_asked_at_once_make_one()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        Directory.CreateDirectory(_folder["files"]);
        using var first = await ServerProcess.StartAsync(_folder["a"], _folder["files"], postgres.ConnectionString);
        using var second = await ServerProcess.StartAsync(_folder["b"], _folder["files"], postgres.ConnectionString);
        using var api = await first.ApiAsync();
        var (dataset, reader) = await TableAsync(api, first.Address, rows: 300_000);
        using var other = new Api(second.Address, reader.Key);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => (i % 2 == 0 ? reader : other).GetAsync($"{dataset.Versions}/1/files"))));

        Assert.Single(answers.Select(a => a.Expect(200)["projection"].GetProperty("hash").GetString()).Distinct());
        Assert.Single(answers.Select(a => string.Join(' ', a.Items.Select(f => f.GetProperty("sha256").GetString()))).Distinct());
        Assert.Equal(1, await Sql.ReadAsync<long>(postgres.ConnectionString, Made));
    }

    /// <summary>A table in place, and a client whom one column of it is masked for.</summary>
    private async Task<(DatasetName Dataset, Api Reader)> TableAsync(Api admin, Uri address, int rows)
    {
        var dataset = await New.DatasetAsync(admin);
        var uri = Tables.Write(_folder["files"], $"{New.Name()}.parquet", rows);
        (await admin.PostAsync(dataset.Versions, new { files = new[] { new { path = "a.parquet", uri } } })).Expect(201);
        var principal = New.Name("someone");
        var key = (await admin.PostAsync("/v1/keys", new { name = principal, role = "reader", principal })).Expect(201)["key"].GetString();
        await Policies.MaskAsync(admin, principal, NodeId.Dataset(dataset.Namespace, dataset.Name, "1"), "carrier", "hash");
        return (dataset, new Api(address, key));
    }

    private static Task<long> CountKnownAsync(string database) =>
        Sql.ReadAsync<long>(database, "select count(*) from catalog.projected_version");

    private Task<EmbeddedPostgres> PostgresAsync() => EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataFolder = _folder["database"] }, NullLogger.Instance, TestContext.Current.CancellationToken);
}
