using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Platform.Projections;
using Catalog.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.IntegrationTests.Concurrency;

/// <summary>Pages that cannot go on for a while, and servers that must not lead.</summary>
public sealed class StoppedPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_page_that_stopped_goes_on_when_what_stopped_it_is_over()
    {
        await Requires.PostgresAsync();
        using var log = new LogLines();
        await using var server = await ServeAsync(log);
        using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
        await Sql.RunAsync(Database(server), "alter table catalog.mt_doc_page_job rename to page_job_away");

        var job = await StartJobAsync(api);
        await Eventually.True(() => log.Count(LogLines.StartedAgain) > 0, "the page is started again");
        await Sql.RunAsync(Database(server), "alter table catalog.page_job_away rename to mt_doc_page_job");

        await ShowsAsync(api, job);
    }

    [Fact]
    public async Task A_page_that_another_server_moved_goes_on_from_there()
    {
        await Requires.PostgresAsync();
        using var log = new LogLines();
        await using var server = await ServeAsync(log);
        using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
        await ShowsAsync(api, await StartJobAsync(api));
        await Sql.RunAsync(Database(server), "update catalog.mt_event_progression set last_seq_id = 1 where name like 'page_job:%'");

        var job = await StartJobAsync(api);
        await Eventually.True(() => log.Count(LogLines.StartedAgain) > 0, "the page is started again");

        await ShowsAsync(api, job);
    }

    [Fact]
    public async Task A_fact_that_cannot_be_read_is_waited_for_and_not_skipped()
    {
        await Requires.PostgresAsync();
        using var log = new LogLines();
        await using var server = await ServeAsync(log);
        using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
        var leader = server.Services.GetRequiredService<ProjectionLeader>();
        await Eventually.True(() => leader.Leads, "the server leads");
        await Sql.RunAsync(Database(server), "insert into catalog.fact_type values ('dataset_folded_into_a_hat')");
        await Eventually.True(() => !leader.Leads, "the server leaves the projections to one that knows the fact");

        var job = await StartJobAsync(api);
        await Sql.RunAsync(
            Database(server),
            "update catalog.mt_events set data = jsonb_build_object('namespace', 7, 'was', data) where type = 'job_registered'");
        await Sql.RunAsync(Database(server), "delete from catalog.fact_type where name = 'dataset_folded_into_a_hat'");
        await Eventually.True(() => log.Count(LogLines.StartedAgain) > 0, "the page is started again");
        await Sql.RunAsync(Database(server), "update catalog.mt_events set data = data -> 'was' where data ? 'was'");

        await ShowsAsync(api, job);
    }

    private static async Task<(string Namespace, long Position)> StartJobAsync(Api api)
    {
        var ns = New.Name("ns");
        var started = (await api.PostAsync("/v1/runs", new { job = new { @namespace = ns, name = "train" } })).Expect(201);
        return (ns, started.Position);
    }

    private static async Task ShowsAsync(Api api, (string Namespace, long Position) job)
    {
        var url = $"/v1/jobs?namespace={job.Namespace}&atLeast={job.Position}";
        await Eventually.True(async () => (await api.GetAsync(url)).Code == 200, "the page follows");
        Assert.Single((await api.GetAsync(url)).Expect(200).Items);
    }

    private static string Database(CatalogServer server) => server.Postgres?.ConnectionString ?? "";

    private Task<CatalogServer> ServeAsync(LogLines log) => CatalogServer.StartAsync(
        new ServerOptions { DataFolder = _folder["data"], Url = "http://127.0.0.1:0" }, log.AddTo, TestContext.Current.CancellationToken);
}
