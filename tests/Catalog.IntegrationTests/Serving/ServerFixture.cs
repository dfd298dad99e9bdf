using System.Collections.Concurrent;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(ServerFixture))]

namespace Catalog.IntegrationTests.Serving;

/// <summary>
/// One catalog in this process that most tests share, with its own PostgreSQL, started by the first test that asks for it. Tests make their
/// own names and count nothing that others made.
/// </summary>
public sealed class ServerFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly TemporaryFolder _folder = new();
    private readonly Errors _errors = new();
    private CatalogServer? _server;
    private Api? _admin;

    /// <summary>The one folder that the server may read files in.</summary>
    internal string Root => _folder["files"];

    /// <summary>A folder beside it, that it may not read.</summary>
    internal string Outside => _folder["outside"];

    internal CatalogServer Server => _server ?? throw new InvalidOperationException("Ask for the API first.");

    internal string Database => Server.Postgres?.ConnectionString ?? "";

    /// <summary>With the admin key.</summary>
    internal async Task<Api> ApiAsync()
    {
        await Requires.PostgresAsync();
        await _starting.WaitAsync();
        try
        {
            return _admin ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>With a key of its own, whose principal no other test uses.</summary>
    internal async Task<(Api Api, string Principal)> ApiAsync(string role)
    {
        var admin = await ApiAsync();
        var principal = New.Name("someone");
        var key = (await admin.PostAsync("/v1/keys", new { name = principal, role, principal })).Expect(201);
        return (new Api(Server.Address, key["key"].GetString()), principal);
    }

    /// <summary>A new folder of this name under <see cref="Root"/>, or under <see cref="Outside"/>.</summary>
    internal string NewFolder(bool outside = false) =>
        Directory.CreateDirectory(Path.Combine(outside ? Outside : Root, New.Name("folder"))).FullName;

    internal Task<long> CountFactsByAsync(string principal) =>
        Sql.ReadAsync<long>(Database, $"SELECT count(*) FROM catalog.mt_events WHERE user_name = '{principal}'");

    internal Task<long> CountFactsOnAsync(string stream) =>
        Sql.ReadAsync<long>(Database, $"SELECT count(*) FROM catalog.mt_events WHERE stream_id = '{stream.Replace("'", "''")}'");

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
        _starting.Dispose();

        // Whatever tests sent: a client's mistake is a problem and no error of ours.
        Assert.True(_errors.Lines.Count == 0, string.Join('\n', _errors.Lines.Select(line => line[..Math.Min(line.Length, 2_000)])));
    }

    private async Task<Api> StartAsync()
    {
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Outside);
        _server = await CatalogServer.StartAsync(
            new ServerOptions { DataFolder = _folder["data"], Url = "http://127.0.0.1:0", Roots = [Root] },
            logging => logging.AddProvider(_errors).SetMinimumLevel(LogLevel.Error));
        return new Api(_server.Address, await KeyFile.ReadAsync(_folder["data"]));
    }

    private sealed class Errors : ILoggerProvider, ILogger
    {
        // Of a number that a write took which then lost a race: the pages pass it over, as they should.
        private const string Hole = "Daemon high water detection is skipping the event sequence range";

        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = formatter(state, exception);
            if (exception is not null || !line.StartsWith(Hole, StringComparison.Ordinal))
                _lines.Enqueue($"{line} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
