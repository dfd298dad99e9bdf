using System.Net;
using System.Net.Sockets;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;
using Catalog.Lineage;
using Catalog.Sdk;
using Catalog.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.IntegrationTests.Auditing;

/// <summary>
/// A catalog with a story like the demo's, open to auditors. One for all tests of a class; they add to it and remove nothing.
/// </summary>
public sealed class AuditedCatalog : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private CatalogServer? _server;

    internal CatalogServer Server => _server ?? throw new InvalidOperationException("It has not started.");

    /// <summary>As the catalog itself.</summary>
    internal string Owner => Server.Postgres?.ConnectionString ?? "";

    /// <summary>As an auditor.</summary>
    internal string Auditor { get; private set; } = "";

    internal Api Api { get; private set; } = new(new Uri("http://127.0.0.1"), key: null);

    public async ValueTask InitializeAsync()
    {
        await Requires.PostgresAsync();
        _server = await CatalogServer.StartAsync(new ServerOptions
        {
            DataFolder = _folder["data"],
            Url = "http://127.0.0.1:0",
            PostgresListen = $"127.0.0.1:{FreePort()}",
        });
        var password = await File.ReadAllTextAsync(Server.Postgres?.AuditorPasswordFile ?? "");
        Auditor = $"{Server.Postgres?.AuditorConnectionString};Password={password.Trim()}";
        var key = await KeyFile.ReadAsync(_folder["data"]);
        Api = new Api(Server.Address, key);
        using var catalog = new CatalogClient(Server.Address, key);
        await TellAsync(catalog);
        await InStepAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Waits until everything that auditors see includes what is in the log now.</summary>
    internal async Task InStepAsync()
    {
        var end = await Sql.ReadAsync<long>(Owner, "select max(seq_id) from catalog.mt_events");
        await Eventually.True(
            async () => await Sql.ReadAsync<long>(
                Owner, $"select count(*) from catalog.positions where position < {end} and part <> 'log'") == 0,
            "lineage and pages are in step with the log");
    }

    /// <summary>What this server's graph says, in the words of the view.</summary>
    internal IEnumerable<string> GraphEdges()
    {
        var view = Server.Services.GetRequiredService<GraphFollower>().Current;
        return view.ChangesSince(0, view.Late).Where(c => c.KnownUntil > c.KnownFrom).Select(c => string.Join(
            ' ', view.NodeOf(c.From), c.Relation, view.NodeOf(c.To), c.HeldFrom / 10, c.HeldTo == long.MaxValue ? "" : c.HeldTo / 10,
            c.KnownFrom, c.KnownUntil == long.MaxValue ? "" : c.KnownUntil));
    }

    private async Task TellAsync(CatalogClient catalog)
    {
        await catalog.Datasets.RegisterAsync("demo/flights", new Registration("demo-team", "Flights", ["public-domain"]));
        for (var month = 1; month <= 3; month++)
            await catalog.Datasets.CommitAsync("demo/flights", NewVersion.Of(Written($"{month}.csv")));
        await catalog.Datasets.RegisterAsync("demo/old-flights", new Registration("demo-team", "Flights of old"));
        await catalog.Datasets.CommitAsync("demo/old-flights", NewVersion.Of(Written("old.csv")));

        await using (var features = await catalog.StartRunAsync("demo/origin-delays", Options))
        {
            await features.ReadAsync("demo/flights", 1);
            await features.ReadAsync("demo/old-flights", 1);
            await features.WriteAsync("demo/origin-delays", NewVersion.Of(Written("origins.csv")));
            await features.CompleteAsync();
        }

        foreach (var version in (int[])[1, 3])
        {
            await using var training = await catalog.StartRunAsync("demo/train-flight-delay", Options);
            await training.ReadAsync("demo/flights", version, role: "train");
            await training.ReadAsync("demo/origin-delays", 1, role: "features");
            await training.LogModelAsync("demo/flight-delay", Written($"model-{version}.bin"));
            await training.CompleteAsync();
        }

        await catalog.Models.DeployAsync("demo/flight-delay", "flight-delay", 1);
        await catalog.Models.DeployAsync("demo/flight-delay", "flight-delay", 2);
        await catalog.Datasets.RetireAsync("demo/old-flights", "Replaced by demo/flights");
        (await Api.SendAsync(Sent.Single, Report)).Expect(201);
    }

    private static RunOptions Options { get; } = new() { CodeRevision = "4f2a9c1", Owner = "demo-team" };

    private const string Report =
        """
        {"eventType":"COMPLETE","eventTime":"2026-11-24T10:00:00Z","run":{"runId":"0193e7a0-5c1f-7a52-9d1f-0b6a7c1d2e3f"},
         "job":{"namespace":"demo","name":"publish-report"},"producer":"https://example.org/reports",
         "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
         "inputs":[{"namespace":"demo","name":"flights"}],"outputs":[{"namespace":"reports","name":"flight-delays"}]}
        """;

    internal string Written(string name)
    {
        Directory.CreateDirectory(_folder["files"]);
        var path = Path.Combine(_folder["files"], name);
        File.WriteAllText(path, $"content of {name}");
        return path;
    }

    internal static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint?)socket.LocalEndPoint)?.Port ?? 0;
    }
}
