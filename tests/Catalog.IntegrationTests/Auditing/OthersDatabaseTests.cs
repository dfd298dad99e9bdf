using System.Text.RegularExpressions;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Catalog.IntegrationTests.Auditing;

/// <summary>Auditors on a database run by others, whose administrator gave the catalog no right to make roles.</summary>
public sealed partial class OthersDatabaseTests : IDisposable
{
    private const int RoleMissing = 119;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_user_that_may_make_no_roles_says_so_and_an_administrator_grants_what_the_document_says()
    {
        await Requires.PostgresAsync();
        await using var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions
            {
                DataFolder = _folder["database"],
                ListenAddress = $"127.0.0.1:{AuditedCatalog.FreePort()}",
                FetchWithNpm = false,
            },
            NullLogger.Instance,
            TestContext.Current.CancellationToken);
        var (database, administrator) = await OwnDatabaseAsync(postgres);
        using var log = new LogLines();

        await using var server = await CatalogServer.StartAsync(
            new ServerOptions { DataFolder = _folder["data"], Database = database, Url = "http://127.0.0.1:0" },
            log.AddTo,
            TestContext.Current.CancellationToken);

        Assert.Equal(1, log.Count(RoleMissing));
        var statements = Block().Matches(await File.ReadAllTextAsync(Path.Combine(Serving.Repository.Root, "docs/auditing.md")))[1];
        await Sql.RunAsync(administrator, statements.Groups["sql"].Value);
        await Sql.RunAsync(administrator, "set role catalog_auditor; select position from catalog.events; select node from lineage.nodes");
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => Sql.RunAsync(administrator, "set role catalog_auditor; select * from catalog.mt_events"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    /// <summary>Who may come over TCP owns a database here, and nothing more.</summary>
    private static async Task<(string Database, string Administrator)> OwnDatabaseAsync(EmbeddedPostgres postgres)
    {
        await Sql.RunAsync(postgres.ConnectionString, "alter role auditor reset all");
        await Sql.RunAsync(postgres.ConnectionString, "alter role auditor connection limit -1");
        await Sql.RunAsync(postgres.ConnectionString, "create database managed owner auditor");
        await Sql.RunAsync(postgres.ConnectionString, "drop role catalog_auditor");
        var password = (await File.ReadAllTextAsync(postgres.AuditorPasswordFile ?? "")).Trim();
        return (InManaged($"{postgres.AuditorConnectionString};Password={password}"), InManaged(postgres.ConnectionString));

        static string InManaged(string text) => new NpgsqlConnectionStringBuilder(text) { Database = "managed" }.ConnectionString;
    }

    [GeneratedRegex("^```pgsql\n(?<sql>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
