using Catalog.Features;
using Catalog.Features.Training;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Server;
using Catalog.Storage.Files;
using ParquetSharp;

namespace Catalog.IntegrationTests.TrainingSets;

/// <summary>
/// Departures that want features, and landings that they are made of: a landing every hour, at two airports in turns; a departure every 40
/// minutes.
/// </summary>
internal sealed class Departures(CatalogClient catalog, string folder, string ns)
{
    public static readonly DateTime Start = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private const int Landings = 400;
    private const int Count = 600;

    public QualifiedName Rows { get; } = new(ns, "departures");

    public QualifiedName Events { get; } = new(ns, "landings");

    public QualifiedName View { get; } = new(ns, "airport_delays");

    public QualifiedName Latest { get; } = new(ns, "last_landing");

    public NodeId LatestNode => NodeId.FeatureView(Latest.Namespace, Latest.Name);

    public QualifiedName Set { get; } = new(ns, "training-rows");

    public string EventsFile => Path.Combine(folder, $"{ns}-landings.parquet");

    /// <summary>What the rows are: number, airport, tail, and when.</summary>
    public static IReadOnlyList<(long Id, string Airport, string Tail, DateTime Left)> All { get; } =
    [
        .. Enumerable.Range(0, Count)
            .Select(i => ((long)i, i % 3 == 0 ? "ORD" : i % 3 == 1 ? "JFK" : "XXX", $"N{i % 20}", Start.AddMinutes(i * 40))),
    ];

    /// <summary>When, where, and how late the landings were.</summary>
    public static IReadOnlyList<(string Airport, DateTime Landed, DateTime Created, double? Delay)> AllLandings { get; } =
        [.. Enumerable.Range(0, Landings).Select(i => (
            i % 2 == 0 ? "ORD" : "JFK", Start.AddHours(i), Start.AddHours(i + (i % 50 == 0 ? 100 : 0)),
            i % 10 == 9 ? default(double?) : (i * 7919 % 1_007) / 8.0))];

    public static Task<Departures> RegisterAsync(CatalogServer server, string key, string folder) =>
        RegisterAsync(server.Address, key, folder);

    public static async Task<Departures> RegisterAsync(Uri server, string key, string folder)
    {
        var made = new Departures(new CatalogClient(server, key), folder, New.Name("trips"));
        await made.RegisterAsync();
        return made;
    }

    public TrainingSetSpec Spec(SplitRule? splits = null) => new(
        new(NodeId.Dataset(Rows.Namespace, Rows.Name), "left"),
        [
            new(NodeId.FeatureView(View.Namespace, View.Name)),
            new(NodeId.FeatureView(Latest.Namespace, Latest.Name), As: "last"),
        ],
        Splits: splits,
        Owner: "team-flights");

    public CatalogClient Catalog => catalog;

    private async Task RegisterAsync()
    {
        await catalog.Datasets.RegisterAsync(Rows, new Registration("team-flights"));
        await catalog.Datasets.RegisterAsync(Events, new Registration("team-flights"));
        await catalog.Datasets.CommitAsync(Rows, new NewVersion { Sources = [new VersionSource.InPlace(WriteRows())] });
        await catalog.Datasets.CommitAsync(Events, new NewVersion { Sources = [new VersionSource.InPlace(WriteLandings())] });
        Entity airport = new("airport", [new("airport", "string", "at")]);
        var source = new FeatureSource(NodeId.Dataset(Events.Namespace, Events.Name), "landed", "created");
        await catalog.Features.ApplyAsync(
        [
            new(View, "team-flights", new FeatureDefinition([airport], source,
            [
                new("delay_mean_7d", "float64", "delay", new(AggregateFunction.Mean, TimeSpan.FromDays(7))),
                new("landings_1d", "int64", null, new(AggregateFunction.Count, TimeSpan.FromDays(1))),
            ])),
            new(
                Latest, "team-flights",
                new FeatureDefinition([airport], source, [new("delay", "float64", "delay")], TimeSpan.FromHours(3))),
        ]);
    }

    private string WriteRows()
    {
        var path = Path.Combine(folder, $"{ns}-departures.parquet");
        using var file = new ParquetFileWriter(
            path,
            [new Column<long>("id"), new Column<string>("airport"), new Column<string>("tail"), new Column<DateTime>("left", Instant)]);
        using (var group = file.AppendRowGroup())
        {
            Write(group, All.Select(r => r.Id));
            Write(group, All.Select(r => r.Airport));
            Write(group, All.Select(r => r.Tail));
            Write(group, All.Select(r => r.Left));
        }

        file.Close();
        return FileUri.FromPath(path);
    }

    private string WriteLandings()
    {
        using var file = new ParquetFileWriter(
            EventsFile,
            [
                new Column<string>("at"), new Column<DateTime>("landed", Instant), new Column<DateTime>("created", Instant),
                new Column<double?>("delay"),
            ]);
        foreach (var part in AllLandings.Chunk(150))
        {
            using var group = file.AppendRowGroup();
            Write(group, part.Select(l => l.Airport));
            Write(group, part.Select(l => l.Landed));
            Write(group, part.Select(l => l.Created));
            Write(group, part.Select(l => l.Delay));
        }

        file.Close();
        return FileUri.FromPath(EventsFile);
    }

    private static LogicalType Instant => LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros);

    private static void Write<T>(RowGroupWriter group, IEnumerable<T> values)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch([.. values]);
    }
}
