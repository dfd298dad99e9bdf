using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Catalog.IntegrationTests.Hosting;

[UnsupportedOSPlatform("windows")]
public sealed class RecoveryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task When_postgres_is_killed_the_server_brings_it_back_with_every_acknowledged_row()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync();
        var killed = postgres.ProcessId;
        var acknowledged = await WriteUntilAsync(postgres.ConnectionString, () => Kill(killed));

        // First the process: a backend of the killed one may still answer for a moment.
        await Eventually.True(() => Task.FromResult(postgres.ProcessId != killed), "another process serves");
        await Eventually.True(() => Sql.AnswersAsync(postgres.ConnectionString), "PostgreSQL answers again");

        await ShowsAllAsync(acknowledged, postgres.ConnectionString);
    }

    [Fact]
    public async Task A_postgres_killed_again_and_again_comes_back_each_time()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync();
        for (var round = 0; round < 3; round++)
        {
            var killed = postgres.ProcessId;
            await Kill(killed);
            await Eventually.True(() => Task.FromResult(postgres.ProcessId != killed), "another process serves");
            await Eventually.True(() => Sql.AnswersAsync(postgres.ConnectionString), "PostgreSQL answers again");
        }
    }

    [Fact]
    public async Task Stopping_while_postgres_is_down_ends_at_once()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        var postgres = await StartAsync();
        await Kill(postgres.ProcessId);
        await postgres.DisposeAsync();
        FolderLock.Take(postgres.Data).Dispose();
    }

    [Fact]
    public async Task When_the_server_is_killed_postgres_ends_too_and_the_next_start_has_every_acknowledged_row()
    {
        Requires.Linux();
        Requires.Program("setpriv");
        await Requires.PostgresAsync();
        using var owner = await PostgresOwner.StartAsync(_folder["data"]);
        Assert.Null(owner.Failure);
        var acknowledged = await WriteUntilAsync(owner.ConnectionString, () => owner.KillAsync());

        await using var next = await StartAsync();

        await ShowsAllAsync(acknowledged, next.ConnectionString);
        Assert.False(ProcessState.IsAlive(owner.PostgresId));
    }

    [Fact]
    public async Task When_both_are_killed_the_next_start_recovers()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        using var owner = await PostgresOwner.StartAsync(_folder["data"]);
        Assert.Null(owner.Failure);
        var acknowledged = await WriteUntilAsync(owner.ConnectionString, async () =>
        {
            await Kill(owner.PostgresId);
            await owner.KillAsync();
        });

        await using var next = await StartAsync();

        await ShowsAllAsync(acknowledged, next.ConnectionString);
    }

    [Fact]
    public async Task A_second_process_on_the_folder_is_told_the_id_of_the_first()
    {
        await Requires.PostgresAsync();
        using var owner = await PostgresOwner.StartAsync(_folder["data"]);
        Assert.Null(owner.Failure);

        var refused = await Assert.ThrowsAsync<HostingException>(StartAsync);

        Assert.Equal(HostingException.DataInUse, refused.Code);
        Assert.Contains($"process id {owner.ProcessId}:", refused.Message);
        await owner.StopAsync();
        await using var next = await StartAsync();
    }

    [Fact]
    public async Task A_postgres_left_running_without_its_server_is_replaced()
    {
        Requires.Linux();
        var binaries = await Requires.PostgresAsync();
        var data = await MakeClusterAsync();
        using var orphan = Process.Start(Launch.Program(
            Path.Combine(binaries.Folder, "postgres"),
            ["-D", data.Postgres, "-c", "listen_addresses=", "-c", $"unix_socket_directories={data.PostgresLog}"],
            SystemAccount.For(data, asked: null)));
        Assert.NotNull(orphan);
        await Eventually.True(() => Status(data) == "ready", "the orphan is ready");

        await using var postgres = await StartAsync();

        Assert.True(await Sql.AnswersAsync(postgres.ConnectionString));
        Assert.True(orphan.WaitForExit(TimeSpan.FromSeconds(5)));
        Assert.NotEqual(orphan.Id, postgres.ProcessId);
    }

    [Fact]
    public async Task A_stale_pid_file_that_names_another_program_does_not_stop_a_start_nor_harm_that_program()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        var data = await MakeClusterAsync();
        var account = SystemAccount.For(data, asked: null);
        using var bystander = Process.Start(Launch.Program("/bin/sleep", ["600"], account));
        Assert.NotNull(bystander);
        var pidFile = Path.Combine(data.Postgres, "postmaster.pid");
        await File.WriteAllTextAsync(pidFile, $"{bystander.Id}\n{data.Postgres}\n1700000000\n5432\n/tmp\n\n  1 2\nready   \n");
        if (account is not null)
            Posix.ChangeOwner(pidFile, account);
        try
        {
            await using var postgres = await StartAsync();
            Assert.True(await Sql.AnswersAsync(postgres.ConnectionString));
            Assert.False(bystander.HasExited);
        }
        finally
        {
            bystander.Kill();
        }
    }

    [Fact]
    public async Task An_initialisation_that_was_cut_short_leaves_nothing_in_the_way()
    {
        await Requires.PostgresAsync();
        Directory.CreateDirectory(_folder["data/postgres.new-1/base"]);
        Directory.CreateDirectory(_folder["data/postgres"]);

        await using var postgres = await StartAsync();

        Assert.True(postgres.IsNew);
        Assert.False(Directory.Exists(_folder["data/postgres.new-1"]));
    }

    private Task<EmbeddedPostgres> StartAsync() => EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataFolder = _folder["data"], FetchWithNpm = false }, NullLogger.Instance, CancellationToken.None);

    private async Task<DataFolder> MakeClusterAsync()
    {
        await using var postgres = await StartAsync();
        return postgres.Data;
    }

    // Commits rows one by one, strikes in the middle, and answers the last number whose commit was acknowledged.
    private static async Task<int> WriteUntilAsync(string connectionString, Func<Task> strike)
    {
        await Sql.RunAsync(connectionString, "CREATE TABLE written (id int PRIMARY KEY)");
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        Task? struck = null;
        for (var id = 1; ; id++)
        {
            try
            {
                await using var insert =
                    new NpgsqlCommand("INSERT INTO written VALUES (" + id.ToString(CultureInfo.InvariantCulture) + ")", connection);
                await insert.ExecuteNonQueryAsync();
            }
            catch (NpgsqlException)
            {
                Assert.True(struck is not null, "the connection broke before the strike");
                await struck;
                return id - 1;
            }

            if (id == 200)
                struck = Task.Run(strike);
        }
    }

    private static async Task ShowsAllAsync(int acknowledged, string connectionString)
    {
        Assert.True(acknowledged >= 200);
        Assert.Equal(acknowledged, await Sql.ReadAsync<long>(connectionString, $"SELECT count(*) FROM written WHERE id <= {acknowledged}"));
    }

    private static Task Kill(int processId)
    {
        Assert.True(Posix.Send(processId, Signal.Kill));
        return Task.CompletedTask;
    }

    private static string Status(DataFolder data) =>
        new PostgresCluster(data, account: null, NullLogger.Instance).ReadPidFile()?.Status ?? "";
}
