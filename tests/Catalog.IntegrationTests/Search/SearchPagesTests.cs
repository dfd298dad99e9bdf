using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;
using Catalog.Platform.Projections;
using Catalog.Search;
using Catalog.Server;
using Catalog.Server.Hosting;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Catalog.IntegrationTests.Search;

/// <summary>How what is searched is kept, in catalogs of their own.</summary>
public sealed class SearchPagesTests : IDisposable
{
    private const int WithoutTrigrams = 121;

    /// <summary>As PostgreSQL refuses an extension whose files are not there.</summary>
    private const string NoExtensions =
        """
        create function no_extensions() returns event_trigger language plpgsql as
          $$ begin raise exception 'extension "pg_trgm" is not available' using errcode = 'feature_not_supported'; end $$;
        create event trigger no_extensions on ddl_command_start when tag in ('CREATE EXTENSION') execute function no_extensions()
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_searched_can_be_made_anew_from_the_log()
    {
        await Requires.PostgresAsync();
        await using var own = await CatalogServer.StartAsync(
            new ServerOptions { DataFolder = _folder["data"], Url = "http://127.0.0.1:0" }, ct: Ct);
        using var api = new Api(own.Address, await KeyFile.ReadAsync(_folder["data"]));
        foreach (var fixture in Sent.Fixtures)
            (await api.SendAsync(Sent.Single, fixture)).Expect(201);
        for (var i = 0; i < 20; i++)
        {
            var dataset = await New.DatasetAsync(api, "ours", $"flights_{i}");
            (await api.PutAsync($"{dataset.Url}/tags/tag-{i}")).Expect(200);
        }

        var database = own.Postgres?.ConnectionString ?? "";
        var before = await AllAsync(own, database);
        Assert.Contains("flights_19", before);
        await Sql.RunAsync(database, "update catalog.search_entry set words = '', state = state || '{\"tags\":[]}'");
        await Sql.RunAsync(database, "delete from catalog.search_word");
        using var daemon = await own.Services.GetRequiredService<IDocumentStore>().BuildProjectionDaemonAsync();
        await daemon.RebuildProjectionAsync(SearchPages.Name, Ct);

        Assert.Equal(before, await AllAsync(own, database));
    }

    [Fact]
    public async Task Where_trigrams_cannot_be_had_all_is_found_but_slips_and_the_log_says_so()
    {
        await Requires.PostgresAsync();
        var options = new EmbeddedPostgresOptions { DataFolder = _folder["database"] };
        await using var postgres = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, Ct);
        await Sql.RunAsync(postgres.ConnectionString, NoExtensions);
        var lines = new LogLines();
        var without = new ServerOptions { DataFolder = _folder["data"], Url = "http://127.0.0.1:0", Database = postgres.ConnectionString };
        await using (var own = await CatalogServer.StartAsync(without, lines.AddTo, Ct))
        {
            Assert.Equal(1, lines.Count(WithoutTrigrams));
            using var api = new Api(own.Address, await KeyFile.ReadAsync(_folder["data"]));
            var search = new Searched(api, _folder["files"], "ours");
            await search.DatasetAsync("flights");
            Assert.Equal(["flights"], await search.NamesAsync("flig"));
            Assert.Empty(await search.NamesAsync("fligts"));
        }

        // Somebody installs it, and the next start makes it.
        await Sql.RunAsync(postgres.ConnectionString, "drop event trigger no_extensions");
        await using (var own = await CatalogServer.StartAsync(without, lines.AddTo, Ct))
        {
            Assert.Equal(1, lines.Count(WithoutTrigrams));
            using var api = new Api(own.Address, await KeyFile.ReadAsync(_folder["data"]));
            Assert.Equal(["flights"], await new Searched(api, _folder["files"], "ours").NamesAsync("fligts"));
        }
    }

    [Fact]
    public async Task A_search_that_takes_too_long_is_given_up_with_advice()
    {
        await Requires.PostgresAsync();
        await using var own = await CatalogServer.StartAsync(
            new ServerOptions { DataFolder = _folder["data"], Url = "http://127.0.0.1:0" }, ct: Ct);
        using var api = new Api(own.Address, await KeyFile.ReadAsync(_folder["data"]));
        await using var other = new NpgsqlConnection(own.Postgres?.ConnectionString);
        await other.OpenAsync(Ct);
        await using (var transaction = await other.BeginTransactionAsync(Ct))
        {
            await using var hold = new NpgsqlCommand("lock table catalog.search_entry in access exclusive mode", other);
            await hold.ExecuteNonQueryAsync(Ct);
            (await api.GetAsync("/v1/search?q=flights")).ExpectProblem(422, "search.too_broad");
        }

        (await api.GetAsync("/v1/search?q=flights")).Expect(200);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<string> AllAsync(CatalogServer server, string database)
    {
        var progress = server.Services.GetRequiredService<ProjectionProgress>();
        Assert.Null(await progress.WaitForAllAsync(await progress.FindEndAsync(Ct), Ct));
        return await Sql.ReadAsync<string>(database, "select json_agg(t order by node)::text from catalog.search_entry t")
            + await Sql.ReadAsync<string>(database, "select json_agg(word order by word)::text from catalog.search_word");
    }
}
