using Apache.Arrow;
using Catalog.Features;
using Catalog.Features.Training;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Server;
using ParquetSharp;

namespace Catalog.IntegrationTests.Erasure;

/// <summary>
/// Orders of ten customers in a catalog of their own: two files, the second of which came with the second version; a view over them, and
/// visits that training sets are made for.
/// </summary>
internal sealed class Orders : IAsyncDisposable
{
    public const int Customers = 10;
    private const int RowsPerFile = 100;
    private static readonly DateTime s_start = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();

    private Orders(FreshServer server, CatalogClient catalog) => (Server, Catalog) = (server, catalog);

    public FreshServer Server { get; }

    public CatalogClient Catalog { get; }

    public QualifiedName Name { get; } = new("shop", "orders");

    public QualifiedName Visits { get; } = new("shop", "visits");

    public QualifiedName Set { get; } = new("shop", "churn-rows");

    public NodeId Node => NodeId.Dataset("shop", "orders");

    public NodeId View => NodeId.FeatureView("shop", "spending");

    /// <summary>The subject that tests erase.</summary>
    public static IReadOnlyDictionary<string, string> Seven { get; } = new Dictionary<string, string> { ["customer_id"] = "7" };

    public static async Task<Orders> StartAsync(Func<ServerOptions, ServerOptions>? with = null)
    {
        var server = await FreshServer.StartAsync(with);
        var orders = new Orders(server, new CatalogClient(server.Server.Address, server.Api.Key ?? ""));
        await orders.Catalog.Datasets.RegisterAsync(orders.Name, new Registration("team-shop"));
        await orders.CommitAsync(orders.Name, "2027-01.parquet", 0, CommitMode.Replace);
        await orders.CommitAsync(orders.Name, "2027-02.parquet", 1, CommitMode.Append);
        return orders;
    }

    public async Task CommitAsync(QualifiedName dataset, string path, int month, CommitMode mode, Guid? run = null)
    {
        var file = Write(path, month);
        await Catalog.Datasets.CommitAsync(
            dataset, new NewVersion { Sources = [new VersionSource.Upload(file, path)], Mode = mode, Run = run });
    }

    /// <summary>A view over the orders.</summary>
    public Task ApplyViewAsync() => Catalog.Features.ApplyAsync(
        [
            new FeatureViewSpec(
                new("shop", "spending"), "team-shop",
                new FeatureDefinition(
                    [new("customer", [new("customer", "int64", "customer_id")])], new FeatureSource(Node, "ordered"),
                    [new("amount", "float64", "amount")])),
        ]);

    /// <summary>A training set: each visit with what the customer had spent last.</summary>
    public async Task<NodeId> TrainAsync()
    {
        await Catalog.Datasets.RegisterAsync(Visits, new Registration("team-shop"));
        await CommitAsync(Visits, "visits.parquet", 2, CommitMode.Replace);
        await ApplyViewAsync();
        var spec = new TrainingSetSpec(
            new(NodeId.Dataset("shop", "visits"), "ordered", Columns: ["customer_id", "ordered"]),
            [new(View, Keys: new Dictionary<string, string> { ["customer"] = "customer_id" })], Owner: "team-shop");
        return (await Catalog.TrainingSets.CreateAsync(Set, spec)).Node;
    }

    /// <summary>The customer and the number of each order, in the order of the version.</summary>
    public Task<IReadOnlyList<(long Customer, long Order)>> RowsAsync(long version) => RowsAsync(Node.WithVersion(version), "number");

    public async Task<IReadOnlyList<(long Customer, long Order)>> RowsAsync(NodeId version, string column)
    {
        var rows = new List<(long, long)>();
        await using var columns = await (await Catalog.Datasets.ReadAsync(version)).OpenColumnsAsync(
            new ColumnQuery { Columns = ["customer_id", column] });
        await foreach (var batch in columns.BatchesAsync())
        {
            using (batch)
            {
                var (customers, others) = ((Int64Array)batch.Column(0), batch.Column(1));
                for (var i = 0; i < batch.Length; i++)
                    rows.Add((customers.GetValue(i) ?? -1, others is Int64Array numbers ? numbers.GetValue(i) ?? -1 : 0));
            }
        }

        return rows;
    }

    /// <summary>The rows of the first versions, without those of a customer.</summary>
    public static IReadOnlyList<(long Customer, long Order)> Without(long customer, int files) =>
    [
        .. Enumerable.Range(0, files * RowsPerFile).Select(i => ((long)(i % Customers), (long)i)).Where(r => r.Item1 != customer),
    ];

    public string PathOf(string sha256) => System.IO.Path.Combine(Server.Server.Data.Objects, "sha256", sha256[..2], sha256);

    public async ValueTask DisposeAsync()
    {
        Catalog.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    private string Write(string name, int month)
    {
        var path = _folder[name];
        System.IO.Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path) ?? "");
        var instant = LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros);
        using var file = new ParquetFileWriter(
            path,
            [
                new Column<long>("customer_id"), new Column<long>("number"), new Column<double>("amount"),
                new Column<DateTime>("ordered", instant),
            ]);
        var rows = Enumerable.Range(month * RowsPerFile, RowsPerFile).ToList();
        using (var group = file.AppendRowGroup())
        {
            Column(group, rows.Select(i => (long)(i % Customers)));
            Column(group, rows.Select(i => (long)i));
            Column(group, rows.Select(i => i / 4.0));
            Column(group, rows.Select(i => s_start.AddHours(i)));
        }

        file.Close();
        return path;
    }

    private static void Column<T>(RowGroupWriter group, IEnumerable<T> values)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch([.. values]);
    }
}
