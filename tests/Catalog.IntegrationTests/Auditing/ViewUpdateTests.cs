using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Npgsql;

namespace Catalog.IntegrationTests.Auditing;

/// <summary>What auditors made of the views, when another release starts on the database.</summary>
public sealed class ViewUpdateTests : IDisposable
{
    private const int ViewOutdated = 120;
    private readonly TemporaryFolder _folder = new();

    private ServerOptions Options => new() { DataFolder = _folder["data"], Url = "http://127.0.0.1:0" };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_others_built_and_were_granted_stays_when_tables_and_views_change()
    {
        await Requires.PostgresAsync();
        await using (var before = await CatalogServer.StartAsync(Options, ct: TestContext.Current.CancellationToken))
        {
            await Sql.RunAsync(
                before.Postgres?.ConnectionString ?? "",
                """
                create schema bi;
                create role alice;
                create view bi.edges as select source, target from lineage.edges;
                grant select on catalog.datasets to alice;

                -- as an earlier release may have had them
                update lineage.progress set layout = -1;
                drop view catalog.jobs;
                create view catalog.jobs as select 'before'::text as other;
                grant select on catalog.jobs to alice with grant option;
                drop view catalog.models;
                create view catalog.models as select 'before'::text as other;
                create view bi.models as select * from catalog.models;
                create role stranger login;
                grant usage on schema bi to stranger;
                grant select on bi.models to stranger;
                delete from catalog.schema_stamp;
                """);
        }

        using var log = new LogLines();
        await using var after = await CatalogServer.StartAsync(Options, log.AddTo, TestContext.Current.CancellationToken);

        var owner = after.Postgres?.ConnectionString ?? "";
        Assert.Equal(0, await Sql.ReadAsync<long>(owner, "select count(*) from bi.edges"));
        Assert.True(await Sql.ReadAsync<bool>(
            owner,
            """
            select has_table_privilege('alice', 'catalog.datasets', 'select')
                and has_table_privilege('alice', 'catalog.jobs', 'select with grant option')
            """));
        Assert.Equal(0, await Sql.ReadAsync<long>(owner, "select count(job) from catalog.jobs"));
        Assert.Equal("before", await Sql.ReadAsync<string>(owner, "select other from bi.models"));
        Assert.Equal(0, await Sql.ReadAsync<long>(owner, "set session authorization stranger; select count(*) from bi.models"));
        Assert.Equal(1, log.Count(ViewOutdated));
        Assert.Contains(log.Complaints, c => c.Contains("catalog.models stays as it was, because bi.models", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_view_that_waits_for_its_tables_says_so_instead_of_showing_nothing()
    {
        await Requires.PostgresAsync();
        await using var server = await CatalogServer.StartAsync(Options, ct: TestContext.Current.CancellationToken);
        var owner = server.Postgres?.ConnectionString ?? "";
        await using var connection = new NpgsqlConnection(owner);
        await connection.OpenAsync(TestContext.Current.CancellationToken);

        await Catalog.Auditing.AuditorViews.DetachAsync(connection, TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => Sql.ReadAsync<long>(owner, "select count(*) from catalog.runs"));
        Assert.Contains("being upgraded", refused.MessageText, StringComparison.Ordinal);
    }
}
