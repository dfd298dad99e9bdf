using System.Net;
using System.Net.Sockets;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.Hosting;

/// <summary>A PostgreSQL run by others, as it usually is: over TCP, with a password, and without a superuser's rights.</summary>
public sealed class PasswordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task With_a_password_over_tcp_lists_and_lineage_follow_the_log()
    {
        await Requires.PostgresAsync();
        await using var postgres = await ListeningAsync();
        var ct = TestContext.Current.CancellationToken;
        await using var server = await CatalogServer.StartAsync(
            new ServerOptions
            {
                DataFolder = _folder["data"],
                Database = await OwnDatabaseAsync(postgres),
                Roots = [Directory.CreateDirectory(_folder["files"]).FullName],
                Url = "http://127.0.0.1:0",
            },
            ct: ct);
        using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
        var dataset = await New.DatasetAsync(api);
        var run = await New.RunAsync(api, dataset.Namespace);
        var uri = New.File(_folder["files"], "a.txt", "a");
        var made = (await api.PostAsync(dataset.Versions, new { run, files = new[] { new { uri } } })).Expect(201);

        Assert.Single((await api.GetAsync($"/v1/datasets?namespace={dataset.Namespace}&atLeast={made.Position}")).Expect(200).Items);
        var job = NodeId.Job(dataset.Namespace, "train").ToString().Escaped();
        Assert.Single((await api.GetAsync($"/v1/runs?job={job}&atLeast={made.Position}")).Expect(200).Items);
        var lineage = (await api.GetAsync($"/v1/lineage?node={dataset.At(1).Escaped()}&direction=up&atLeast={made.Position}")).Expect(200);
        Assert.Contains($"run:{run}", lineage.Text);
    }

    [Fact]
    public async Task A_wrong_password_is_said_at_start()
    {
        await Requires.PostgresAsync();
        await using var postgres = await ListeningAsync();
        var database = (await OwnDatabaseAsync(postgres)).Replace("Password=", "Password=no", StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<HostingException>(() => CatalogServer.StartAsync(
            new ServerOptions { DataFolder = _folder["data"], Database = database, Url = "http://127.0.0.1:0" },
            ct: TestContext.Current.CancellationToken));

        Assert.Equal("database.unreachable", refused.Code);
    }

    /// <summary>The auditor is who may come over TCP, with a password: here it owns a database and may write.</summary>
    private static async Task<string> OwnDatabaseAsync(EmbeddedPostgres postgres)
    {
        await Sql.RunAsync(postgres.ConnectionString, "alter role auditor reset all");
        await Sql.RunAsync(postgres.ConnectionString, "alter role auditor connection limit -1");
        await Sql.RunAsync(postgres.ConnectionString, "create database managed owner auditor");
        var password = (await File.ReadAllTextAsync(postgres.AuditorPasswordFile ?? "")).Trim();
        return $"{postgres.AuditorConnectionString};Password={password}"
            .Replace("Database=catalog", "Database=managed", StringComparison.Ordinal);
    }

    /// <summary>On a port of its own; another one, when somebody takes it between finding and opening it.</summary>
    private async Task<EmbeddedPostgres> ListeningAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await EmbeddedPostgres.StartAsync(
                    new EmbeddedPostgresOptions
                    {
                        DataFolder = _folder["database"],
                        ListenAddress = $"127.0.0.1:{FreePort()}",
                        FetchWithNpm = false,
                    },
                    NullLogger.Instance,
                    TestContext.Current.CancellationToken);
            }
            catch (HostingException e) when (e.Code == HostingException.PostgresPortInUse && attempt < 5)
            {
                // Somebody was faster.
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
