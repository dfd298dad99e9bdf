using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Catalog.IntegrationTests.Hosting;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_start_makes_the_cluster_and_the_second_finds_it()
    {
        await Requires.PostgresAsync();
        await using (var first = await StartAsync())
        {
            Assert.True(first.IsNew);
            await Sql.RunAsync(first.ConnectionString, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1), (2)");
        }

        await using var second = await StartAsync();
        Assert.False(second.IsNew);
        Assert.Equal(2, await Sql.ReadAsync<long>(second.ConnectionString, "SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task The_database_is_utf8_sorted_by_bytes_checksummed_and_durable()
    {
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync();

        Assert.Equal("UTF8", await Show("server_encoding"));
        Assert.Equal("on", await Show("data_checksums"));
        Assert.Equal("on", await Show("fsync"));
        Assert.Equal("on", await Show("synchronous_commit"));
        Assert.Equal("", await Show("listen_addresses"));
        Assert.True(await Sql.ReadAsync<bool>(postgres.ConnectionString, "SELECT 'Z' < 'a'"));
        Task<string> Show(string setting) => Sql.ReadAsync<string>(postgres.ConnectionString, $"SHOW {setting}");
    }

    [Fact]
    public async Task Stopping_leaves_no_process_no_socket_and_a_free_folder()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        var postgres = await StartAsync();
        var id = postgres.ProcessId;
        await postgres.DisposeAsync();

        Assert.False(ProcessState.IsAlive(id));
        Assert.False(Directory.Exists(Path.Combine(postgres.Data.Root, "socket")));
        FolderLock.Take(postgres.Data).Dispose();
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Secrets_and_data_are_closed_to_others()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync();

        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var data = postgres.Data;
        string[] closed = [data.Keys, data.Objects, data.Postgres, data.PostgresLog, Path.Combine(data.Root, "socket")];
        Assert.All(closed, folder => Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder)));
    }

    [Fact]
    public async Task A_second_server_on_the_folder_is_told_who_has_it()
    {
        await Requires.PostgresAsync();
        await using var first = await StartAsync();

        var refused = await Assert.ThrowsAsync<HostingException>(() => StartAsync());

        Assert.Equal(HostingException.DataInUse, refused.Code);
        Assert.Contains($"process id {Environment.ProcessId}:", refused.Message);
        Assert.True(await Sql.AnswersAsync(first.ConnectionString));
    }

    [Fact]
    public async Task Another_major_version_is_named_with_the_folder_and_what_to_install()
    {
        var binaries = await Requires.PostgresAsync();
        var postgres = await StartAsync();
        await postgres.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(postgres.Data.Postgres, "PG_VERSION"), "9\n");

        var refused = await Assert.ThrowsAsync<HostingException>(() => StartAsync());

        Assert.Equal(HostingException.PostgresOtherMajor, refused.Code);
        Assert.Contains("was made by PostgreSQL 9 ", refused.Message);
        Assert.Contains($"only PostgreSQL {binaries.Version}", refused.Message);
        Assert.Contains("install PostgreSQL 9", refused.Message);
    }

    [Fact]
    public async Task Files_that_are_no_cluster_are_left_alone()
    {
        await Requires.PostgresAsync();
        Directory.CreateDirectory(_folder["data/postgres"]);
        await File.WriteAllTextAsync(_folder["data/postgres/letter.txt"], "dear");

        var refused = await Assert.ThrowsAsync<HostingException>(() => StartAsync());

        Assert.Contains("move them away", refused.Message);
        Assert.True(File.Exists(_folder["data/postgres/letter.txt"]));
    }

    [Fact]
    public async Task A_start_that_fails_shows_the_last_lines_of_the_log_and_frees_the_folder()
    {
        await Requires.PostgresAsync();
        var settings = new Dictionary<string, string> { ["shared_preload_libraries"] = "no_such_library" };

        var refused = await Assert.ThrowsAsync<HostingException>(() => StartAsync(o => o with { Settings = settings }));

        Assert.Equal(HostingException.PostgresFailed, refused.Code);
        Assert.Contains("no_such_library", refused.Message);
        await using var healed = await StartAsync();
        Assert.True(await Sql.AnswersAsync(healed.ConnectionString));
    }

    [Fact]
    public async Task A_folder_too_deep_for_a_socket_address_gets_its_socket_elsewhere()
    {
        await Requires.PostgresAsync();
        var deep = _folder[$"{new string('a', 60)}/{new string('b', 60)}"];
        var postgres = await StartAsync(o => o with { DataFolder = deep });
        var socket = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Host ?? "";
        Assert.True(await Sql.AnswersAsync(postgres.ConnectionString));
        Assert.True(Directory.Exists(socket));
        Assert.DoesNotContain(deep, socket);

        await postgres.DisposeAsync();

        Assert.False(Directory.Exists(socket));
    }

    [Fact]
    public async Task Spaces_commas_and_accents_in_the_folder_are_fine()
    {
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync(o => o with { DataFolder = _folder["my data, \"é\""] });
        Assert.True(await Sql.AnswersAsync(postgres.ConnectionString));
    }

    [Fact]
    public async Task On_request_auditors_read_what_they_are_granted_over_tcp_by_password_and_write_nothing()
    {
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync(o => o with { ListenAddress = $"127.0.0.1:{FreePort()}" });
        await Sql.RunAsync(
            postgres.ConnectionString, "CREATE TABLE seen (id int); INSERT INTO seen VALUES (7); CREATE TABLE hidden (id int)");
        var open = postgres.AuditorConnectionString ?? "";
        var file = postgres.AuditorPasswordFile ?? "";
        var auditor = $"{open};Password={(await File.ReadAllTextAsync(file)).Trim()}";

        Assert.Equal("42501", await RefusedAsync(auditor, "SELECT id FROM seen"));
        await Sql.RunAsync(postgres.ConnectionString, "GRANT SELECT ON seen TO catalog_auditor");
        Assert.Equal(7, await Sql.ReadAsync<int>(auditor, "SELECT id FROM seen"));
        Assert.Equal("42501", await RefusedAsync(auditor, "SELECT id FROM hidden"));
        Assert.Equal("28P01", await RefusedAsync(open + ";Password=wrong", "SELECT 1"));
        Assert.Equal("28000", await RefusedAsync(open.Replace("auditor", "catalog"), "SELECT 1"));
        Assert.Equal("42501", await RefusedAsync(auditor, "BEGIN READ WRITE; INSERT INTO seen VALUES (8)"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Auditors_make_nothing_either_where_the_public_schema_was_open_to_all()
    {
        await Requires.PostgresAsync();
        var listen = $"127.0.0.1:{FreePort()}";
        await using (var first = await StartAsync(o => o with { ListenAddress = listen }))
            await Sql.RunAsync(first.ConnectionString, "GRANT CREATE ON SCHEMA public TO PUBLIC");

        await using var postgres = await StartAsync(o => o with { ListenAddress = listen });

        var password = (await File.ReadAllTextAsync(postgres.AuditorPasswordFile ?? "")).Trim();
        var auditor = $"{postgres.AuditorConnectionString};Password={password}";
        Assert.Equal("42501", await RefusedAsync(auditor, "BEGIN READ WRITE; CREATE TABLE public.mine (id int)"));
        Assert.Equal("42501", await RefusedAsync(auditor, "BEGIN READ WRITE; CREATE TEMPORARY TABLE mine (id int)"));
    }

    [Fact]
    public async Task The_pool_and_all_auditors_together_fit_into_what_postgres_accepts()
    {
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync();
        var accepted =
            int.Parse(await Sql.ReadAsync<string>(postgres.ConnectionString, "SHOW max_connections"), CultureInfo.InvariantCulture);
        var pooled = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).MaxPoolSize;

        // The commit path and the leader's lock have a connection each, and a start one for the schema.
        Assert.InRange(pooled + PostgresSettings.AuditorConnections + 3, 50, accepted);
    }

    [Fact]
    public async Task A_log_folder_that_was_removed_stops_neither_pruning_nor_a_restart()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync();
        var first = postgres.ProcessId;
        Directory.Delete(postgres.Data.PostgresLog, recursive: true);

        new PostgresLogFolder(postgres.Data, NullLogger.Instance).Prune();
        Assert.True(OperatingSystem.IsWindows() || Posix.Send(first, Signal.Kill));

        // First the process: a backend of the killed one may still answer for a moment.
        await Eventually.True(() => Task.FromResult(postgres.ProcessId != first), "another process serves");
        await Eventually.True(() => Sql.AnswersAsync(postgres.ConnectionString), "PostgreSQL is back");
        Assert.True(Directory.Exists(postgres.Data.PostgresLog));
    }

    [Fact]
    public async Task A_time_limit_out_of_range_is_refused()
    {
        var refused = await Assert.ThrowsAsync<ValidationException>(() => StartAsync(o => o with { StopTimeout = TimeSpan.Zero }));
        Assert.Contains(nameof(EmbeddedPostgresOptions.StopTimeout), refused.Message);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await Requires.PostgresAsync();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var refused = await Assert.ThrowsAsync<HostingException>(() => StartAsync(o => o with { ListenAddress = $"127.0.0.1:{port}" }));

        Assert.Equal(HostingException.PostgresPortInUse, refused.Code);
        Assert.Contains($"Port {port} on 127.0.0.1 is taken", refused.Message);
    }

    [Theory]
    [InlineData("5433")]
    [InlineData("example.org:5433")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:70000")]
    public async Task A_listen_address_is_an_ip_address_and_a_port(string address)
    {
        var refused = await Assert.ThrowsAsync<HostingException>(() => StartAsync(o => o with { ListenAddress = address }));
        Assert.Equal(HostingException.PostgresListenInvalid, refused.Code);
    }

    [Fact]
    public async Task What_ctrl_c_reaches_is_the_server_and_not_postgres()
    {
        Requires.Linux();
        Requires.Program("setsid");
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync();
        Assert.NotEqual(ProcessState.Session(Environment.ProcessId), ProcessState.Session(postgres.ProcessId));
    }

    private async Task<EmbeddedPostgres> StartAsync(Func<EmbeddedPostgresOptions, EmbeddedPostgresOptions>? change = null)
    {
        var options = new EmbeddedPostgresOptions { DataFolder = _folder["data"], FetchWithNpm = false };
        return await EmbeddedPostgres.StartAsync(change?.Invoke(options) ?? options, NullLogger.Instance, CancellationToken.None);
    }

    private static async Task<string> RefusedAsync(string connectionString, string sql) =>
        (await Assert.ThrowsAsync<PostgresException>(() => Sql.RunAsync(connectionString, sql))).SqlState;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
