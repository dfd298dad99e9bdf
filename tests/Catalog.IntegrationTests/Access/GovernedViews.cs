using Catalog.Features;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Online;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Storage.Files;
using ParquetSharp;

namespace Catalog.IntegrationTests.Access;

/// <summary>
/// A catalog of its own that answers at every door, and feature views of one table served from memory, from Redis and from files, with rows
/// pushed on top. Each test has principals of its own.
/// </summary>
public sealed class GovernedViews : IAsyncDisposable
{
    /// <summary>The rows of the table: two airports' worth of planes, one of them of no region.</summary>
    public static readonly IReadOnlyList<(long Id, string Tail, int Delay, string? Region)> Rows =
        [(1, "N101AA", 17, "eu"), (2, "N202BB", -3, "us"), (3, "N303CC", 25, "eu"), (4, "N404DD", 8, null)];

    /// <summary>Rows that are pushed: two that are new, and one that takes the place of another, in another region.</summary>
    public static readonly IReadOnlyList<(long Id, string Tail, int Delay, string? Region)> Pushed =
        [(5, "N101AA", 17, "eu"), (6, "N606FF", 5, "us"), (3, "N303CC", 26, "us")];

    public static readonly string[] ServedTiers = ["memory", "redis", "offline"];

    private static readonly DateTimeOffset s_at = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly TemporaryFolder _folder = new();
    private bool _isStarted;
    private RedisServer? _redis;
    private FreshServer? _fresh;

    internal FreshServer Fresh => _fresh ?? throw new InvalidOperationException("Ask for somebody first.");

    internal string Namespace { get; } = New.Name("fleet");

    internal NodeId Table => NodeId.Dataset(Namespace, "planes");

    internal NodeId Service => NodeId.FeatureService(Namespace, "all");

    public async ValueTask DisposeAsync()
    {
        if (_fresh is not null)
            await _fresh.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        _folder.Dispose();
        _starting.Dispose();
    }

    internal NodeId View(string tier) => NodeId.FeatureView(Namespace, tier);

    internal CatalogClient Client(Api api) => new(Fresh.Server.Address, api.Key ?? "");

    /// <summary>A key of somebody about whom these statements are, in all of the namespace, unless they say otherwise.</summary>
    internal async Task<Api> SomebodyAsync(string role, params IEnumerable<object> statements)
    {
        await DemandStartedAsync();
        var principal = New.Name("someone");
        var key = (await Fresh.Api.PostAsync("/v1/keys", new { name = principal, role, principal })).Expect(201);
        var whole = statements.Select(GovernedServer.Whole).ToList();
        foreach (var statement in whole)
        {
            statement["id"] = New.Name("statement");
            statement["principals"] = new System.Text.Json.Nodes.JsonArray(principal);
            if (statement["resources"] is System.Text.Json.Nodes.JsonArray { Count: 0 })
                statement["resources"] = new System.Text.Json.Nodes.JsonArray($"namespace:{Namespace}");
        }

        (await Fresh.Api.PostAsync("/v1/policies/apply", new { statements = whole })).Expect(200);
        return new Api(Fresh.Server.Address, key["key"].GetString());
    }

    internal static object Mask(string column, string mask) => new { effect = "mask", columns = new[] { column }, mask };

    internal static object Filter(string rows) => new { effect = "filter", rows };

    private FeatureDefinition Definition => new(
        [new Entity("plane", [new EntityKey("id", "int64", "id")])], new FeatureSource(Table, "at"),
        [new("tail", "string", "tail"), new("delay", "int32", "delay"), new("region", "string", "region")]);

    private async Task DemandStartedAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (!_isStarted)
                await StartAsync();
            _isStarted = true;
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task StartAsync()
    {
        var lake = Directory.CreateDirectory(_folder["lake"]).FullName;
        _redis = await RedisServer.StartAsync();
        _fresh = await FreshServer.StartAsync(o => o with
        {
            FlightUrl = "http://127.0.0.1:0",
            RespUrl = "redis://127.0.0.1:0",
            Redis = _redis.Address,
            Roots = [lake],
        });
        using var catalog = Client(Fresh.Api);
        await catalog.Datasets.RegisterAsync(new(Namespace, "planes"), new Registration("team"));
        var file = Write(Path.Combine(lake, "planes.parquet"));
        await catalog.Datasets.CommitAsync(new(Namespace, "planes"), new NewVersion { Sources = [new VersionSource.InPlace(file)] });
        await catalog.Features.ApplyAsync(
            ServedTiers.Select(t => new FeatureViewSpec(new(Namespace, t), "team", Definition)
            {
                Tiers = t == "redis" ? [t, "offline"] : [t],
            }),
            [new FeatureServiceSpec(new(Namespace, "all"), "team", new([.. ServedTiers.Select(t => new ServedView(View(t)))]))]);
        foreach (var tier in ServedTiers)
        {
            await catalog.Features.Generations.MaterializeAsync(View(tier));
            await catalog.Features.PushAsync(new(Namespace, tier), Pushed.Select(r => new FeaturePush(
                new Dictionary<string, object?> { ["id"] = r.Id }, s_at.AddDays(1),
                new Dictionary<string, object?> { ["tail"] = r.Tail, ["delay"] = r.Delay, ["region"] = r.Region })));
        }

        foreach (var tier in ServedTiers)
            await Eventually.True(() => IsServedAsync(catalog, tier), $"{tier} is served");
    }

    private async Task<bool> IsServedAsync(CatalogClient catalog, string tier)
    {
        var rows = await catalog.Features.Online.ReadAsync(
            [$"{Namespace}/{tier}:delay"], new FeatureKeys().Add("id", [1L, 6L]), ct: TestContext.Current.CancellationToken);
        return rows.Views[0].Tier == tier && rows[0].Get<int?>("delay") == 17 && rows[1].Get<int?>("delay") == 5;
    }

    private static string Write(string path)
    {
        using var file = new ParquetFileWriter(
            path,
            [
                new Column<long>("id"), new Column<DateTime>("at", LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros)),
                new Column<string>("tail"), new Column<int>("delay"), new Column<string?>("region"),
            ]);
        using (var group = file.AppendRowGroup())
        {
            Write(group, Rows.Select(r => r.Id));
            Write(group, Rows.Select(_ => s_at.UtcDateTime));
            Write(group, Rows.Select(r => r.Tail));
            Write(group, Rows.Select(r => r.Delay));
            Write(group, Rows.Select(r => r.Region));
        }

        file.Close();
        return FileUri.FromPath(path);
    }

    private static void Write<T>(RowGroupWriter group, IEnumerable<T> values)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch([.. values]);
    }
}
