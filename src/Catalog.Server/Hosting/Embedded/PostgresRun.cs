using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Catalog.Server.Hosting;

/// <summary>Everything one PostgreSQL process is started with; the same for the first start and for every restart.</summary>
internal sealed record PostgresSetup(
    DataFolder Data,
    PostgresBinaries Binaries,
    SystemAccount? Account,
    SocketFolder Socket,
    ListenAddress? Listen,
    EmbeddedPostgresOptions Options)
{
    private const string Database = "catalog";

    public string ConnectionString => Connection(Database);

    public string Connection(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Socket.Path,
        Port = Listen?.Port ?? PostgresSettings.DefaultPort,
        Username = PostgresCluster.SuperUser,
        Database = database,
        MaxPoolSize = PostgresSettings.PoolConnections,
    }.ConnectionString;

    public ProcessStartInfo Start() => Launch.Dependent(
        Path.Combine(Binaries.Folder, PostgresSearch.Executable("postgres")),
        ["-D", Data.Postgres, .. PostgresSettings.Arguments(Data, Socket.Path, Listen, Options.Settings)],
        Account,
        Signal.Int);
}

/// <summary>One PostgreSQL process, from its start to its end.</summary>
internal sealed class PostgresRun
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PredecessorLimit = TimeSpan.FromSeconds(30);

    private readonly PostgresSetup _setup;
    private readonly Child _child;
    private readonly ILogger _logger;

    private PostgresRun(PostgresSetup setup, Child child, ILogger logger) => (_setup, _child, _logger) = (setup, child, logger);

    public int ProcessId => _child.Id;

    /// <summary>Ends when the process does, with its exit code.</summary>
    public Task<int> Exited => _child.Exited;

    /// <summary>
    /// Starts it and waits until it answers. Backends of a killed predecessor may hold its memory a moment longer: then it tries again.
    /// </summary>
    public static async Task<PostgresRun> StartAsync(PostgresSetup setup, PostgresCluster cluster, ILogger logger, CancellationToken ct)
    {
        var log = new PostgresLogFolder(setup.Data, logger);
        for (var began = Stopwatch.GetTimestamp(); ; await Task.Delay(Retry, ct))
        {
            log.Prune();
            var run = new PostgresRun(setup, await Child.StartAsync(setup.Start()), logger);
            try
            {
                if (await run.BecomesReadyAsync(cluster, ct))
                    return run;
            }
            catch (Exception)
            {
                await run.StopAsync();
                throw;
            }

            IReadOnlyList<string> lines = [.. log.LastLines(), .. run._child.Lines];
            if (!PredecessorLingers(lines) || Stopwatch.GetElapsedTime(began) > PredecessorLimit)
                throw Explain(setup, lines);
        }
    }

    /// <summary>A fast stop; an immediate one where that takes too long; and at last no choice.</summary>
    public async Task StopAsync()
    {
        var began = Stopwatch.GetTimestamp();
        if (Exited.IsCompleted)
            return;
        if (OperatingSystem.IsWindows())
            await StopByToolAsync();
        var patience = _setup.Options.StopTimeout;
        foreach (var (signal, limit) in new[] { (Signal.Int, patience), (Signal.Quit, Patience), (Signal.Kill, Patience) })
        {
            if (signal != Signal.Int)
                _logger.Insisting(ProcessId, signal);
            _child.Send(signal);
            if (await _child.ExitsWithinAsync(limit))
                break;
        }

        _logger.Stopped((long)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    // False when it ended instead. Its pid file says when to ask, so that no connection is refused on the way.
    private async Task<bool> BecomesReadyAsync(PostgresCluster cluster, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_setup.Options.StartTimeout);
        var waiting = Stopwatch.GetTimestamp();
        try
        {
            while (cluster.ReadPidFile() is not { Status: "ready" } ready || ready.ProcessId != ProcessId)
            {
                if (Exited.IsCompleted)
                    return false;
                if (Stopwatch.GetElapsedTime(waiting) > Patience)
                {
                    _logger.Recovering();
                    waiting = Stopwatch.GetTimestamp();
                }

                await Task.Delay(Poll, limit.Token);
            }

            await DemandAnswerAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw PostgresCluster.Failed(
                $"PostgreSQL was not ready within {_setup.Options.StartTimeout.TotalSeconds:0} s",
                new PostgresLogFolder(_setup.Data, _logger).LastLines());
        }
        catch (NpgsqlException) when (Exited.IsCompleted)
        {
            return false;
        }
    }

    private async Task DemandAnswerAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = new NpgsqlConnection(_setup.ConnectionString + ";Pooling=false");
            await connection.OpenAsync(ct);
            await AuditorAccess.PrepareAsync(connection, _setup, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await CreateDatabaseAsync(ct);
            await DemandAnswerAsync(ct);
        }
    }

    private async Task CreateDatabaseAsync(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(_setup.Connection("postgres") + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand("CREATE DATABASE catalog", connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    // Windows has no signals; the tool beside the server talks to it by a named pipe.
    private async Task StopByToolAsync()
    {
        string[] arguments = ["stop", "-D", _setup.Data.Postgres, "-m", "fast", "-w"];
        var tool = Launch.Program(Path.Combine(_setup.Binaries.Folder, PostgresSearch.Executable("pg_ctl")), arguments);
        await CommandResult.RunAsync(tool, _setup.Options.StopTimeout, CancellationToken.None);
    }

    private static bool PredecessorLingers(IReadOnlyList<string> lines) =>
        lines.TakeLast(6).Any(l => l.Contains("pre-existing shared memory block") || l.Contains("\"postmaster.pid\" already exists"));

    private static HostingException Explain(PostgresSetup setup, IReadOnlyList<string> lines) =>
        setup.Listen is { } listen && lines.TakeLast(6).Any(l => l.Contains("Address already in use"))
            ? new HostingException(
                HostingException.PostgresPortInUse,
                $"Port {listen.Port} on {listen.Host} is taken by another program: choose another for PostgreSQL to listen on, "
                + "or leave it on its Unix socket only.")
            : PostgresCluster.Failed($"PostgreSQL {setup.Binaries.Version} could not start on '{setup.Data.Postgres}'", lines);
}
