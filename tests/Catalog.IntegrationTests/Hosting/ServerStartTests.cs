using System.Net;
using System.Net.Sockets;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Catalog.IntegrationTests.Hosting;

/// <summary>What a server says that cannot start, and what it leaves alone then.</summary>
public sealed class ServerStartTests(ServerFixture shared) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_port_that_is_taken_is_named_before_postgres_is_started()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var refused = await RefusedAsync(o => o with { Url = $"http://127.0.0.1:{port}" });

        Assert.Equal(HostingException.HttpPortInUse, refused.Code);
        Assert.Contains($"Port {port} on 127.0.0.1 is taken", refused.Message);
        Assert.False(Directory.Exists(_folder["data/postgres"]));
    }

    [Fact]
    public async Task A_server_that_is_stopped_as_soon_as_it_runs_complains_of_nothing()
    {
        await Requires.PostgresAsync();
        using var lines = new LogLines();
        for (var start = 0; start < 3; start++)
        {
            var options = new ServerOptions { DataFolder = _folder["data"], Url = "http://127.0.0.1:0" };
            await using var server = await CatalogServer.StartAsync(options, lines.AddTo, TestContext.Current.CancellationToken);
        }

        Assert.Empty(lines.Complaints);
    }

    [Theory]
    [InlineData("https://127.0.0.1:4870", HostingException.HttpTlsUnsupported)]
    [InlineData("nonsense", HostingException.HttpAddressInvalid)]
    [InlineData("", HostingException.HttpAddressInvalid)]
    [InlineData("ftp://127.0.0.1:4870", HostingException.HttpAddressInvalid)]
    [InlineData("http://127.0.0.1:70000", HostingException.HttpAddressInvalid)]
    [InlineData("http://localhost:0", HostingException.HttpAddressInvalid)]
    [InlineData("http://127.0.0.1:0/below", HostingException.HttpAddressInvalid)]
    [InlineData("http://unix:/tmp/catalog.sock", HostingException.HttpAddressInvalid)]
    [InlineData("http://192.0.2.1:4870", HostingException.HttpAddressUnavailable)]
    public async Task An_address_that_cannot_be_served_is_refused_with_its_own_code(string url, string code)
    {
        var refused = await RefusedAsync(o => o with { Url = url });

        Assert.Equal(code, refused.Code);
        Assert.False(Directory.Exists(_folder["data/postgres"]));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("Hst=db;Password=secret")]
    [InlineData("Username=catalog;Password=secret")]
    [InlineData("Host=db;Port=many;Password=secret")]
    public async Task A_connection_string_that_is_none_is_refused_and_not_shown(string database)
    {
        var refused = await RefusedAsync(o => o with { Database = database });

        Assert.Equal(HostingException.DatabaseConnectionStringInvalid, refused.Code);
        Assert.DoesNotContain("secret", refused.Message);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_said_so()
    {
        var refused = await RefusedAsync(o => o with { Database = $"Host={_folder["nowhere"]};Username=catalog;Timeout=2" });

        Assert.Equal(HostingException.DatabaseUnreachable, refused.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("data")]
    [InlineData("data/objects")]
    [InlineData("link")]
    public async Task A_root_that_holds_the_data_folder_or_lies_within_it_is_refused(string root)
    {
        Directory.CreateDirectory(_folder["data/objects"]);
        Directory.CreateSymbolicLink(_folder["link"], "data");

        var refused = await RefusedAsync(o => o with { Roots = [_folder[root]] });

        Assert.Equal(HostingException.DataRootInvalid, refused.Code);
    }

    [Fact]
    public async Task Of_two_servers_on_one_data_folder_the_second_is_told_whose_it_is_with_a_database_of_others_too()
    {
        await shared.ApiAsync();
        await using (await StartAsync(o => o with { Database = shared.Database }))
        {
            var refused = await RefusedAsync(o => o with { Database = shared.Database });

            Assert.Equal(HostingException.DataInUse, refused.Code);
            Assert.Contains($"process id {Environment.ProcessId}:", refused.Message);
            Assert.True(File.Exists(_folder["data/server.json"]));
        }

        await using var next = await StartAsync(o => o with { Database = shared.Database });
    }

    [Fact]
    public async Task A_server_waits_for_another_that_brings_the_schema_up_to_date_however_long_that_takes()
    {
        await Requires.PostgresAsync();
        var options = new EmbeddedPostgresOptions { DataFolder = _folder["database"] };
        await using var postgres = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, TestContext.Current.CancellationToken);
        await (await StartAsync(o => o with { Database = postgres.ConnectionString })).DisposeAsync();
        await using var other = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock(hashtextextended('catalog:schema', 0))", other);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var starting = StartAsync(o => o with { Database = postgres.ConnectionString + ";Command Timeout=3" });
        const string Waits = """
            SELECT count(*) FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND query_start < clock_timestamp() - interval '3500 milliseconds'
            """;
        await Eventually.True(
            async () => starting.IsCompleted || await Sql.ReadAsync<long>(postgres.ConnectionString, Waits) > 0, "the server waits");
        Assert.False(starting.IsCompleted);
        await other.CloseAsync();

        await using var started = await starting;
    }

    [Fact]
    public async Task A_user_who_may_not_make_the_schema_is_told_so()
    {
        await Requires.PostgresAsync();
        var options = new EmbeddedPostgresOptions { DataFolder = _folder["database"] };
        await using var postgres = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, TestContext.Current.CancellationToken);
        await Sql.RunAsync(postgres.ConnectionString, "CREATE ROLE weak");

        var refused = await RefusedAsync(o => o with { Database = postgres.ConnectionString + ";Options=-c role=weak" });

        Assert.Equal(HostingException.DatabaseSchemaFailed, refused.Code);
        Assert.Contains("permission denied", refused.Message);
    }

    private Task<HostingException> RefusedAsync(Func<ServerOptions, ServerOptions> change) =>
        Assert.ThrowsAsync<HostingException>(() => StartAsync(change));

    private Task<CatalogServer> StartAsync(Func<ServerOptions, ServerOptions> change) => CatalogServer.StartAsync(
        change(new ServerOptions { DataFolder = _folder["data"], Url = "http://127.0.0.1:0" }), ct: TestContext.Current.CancellationToken);
}
