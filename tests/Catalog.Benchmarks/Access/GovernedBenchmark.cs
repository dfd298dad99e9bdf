using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Benchmarks.Serving;
using Catalog.Features;
using Catalog.Sdk;
using Catalog.Server;
using Catalog.Server.Doors.Lookup;
using Catalog.Serving;
using Catalog.Serving.Metrics;
using Catalog.Storage.Columnar;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Role = Catalog.Access.Role;

namespace Catalog.Benchmarks.Access;

/// <summary>
/// What policies take where data is read: lookups of features, from a request's bytes to its answer's and over loopback, and an Arrow
/// stream; without any statement, with a thousand that bind nothing, and with some that mask or leave out rows. Rounds of all take turns.
/// </summary>
internal static class GovernedBenchmark
{
    private const int Rounds = 7;
    private const int WarmingRounds = 3;
    private const int StreamRounds = 31;
    private const int Samples = 10_000;
    private const int TableRows = 1_000_000;
    private static readonly FloatTable s_table = new(48);
    private static readonly NodeId s_view = NodeId.FeatureView("bench", "view");
    private static readonly NodeId s_synthetic = NodeId.Dataset("bench", "synthetic");

    /// <summary>Forty-eight floats, a name and a number.</summary>
    private static FeatureDefinition View => s_table.View with
    {
        Features = [.. s_table.View.Features, new("name", "string", "name"), new("code", "int64", "code")],
    };

    /// <param name="args">Rows of the view (200,000); and <c>streams</c> to leave lookups out.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var rows = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 200_000;
        var data = Directory.CreateTempSubdirectory("catalog-governed-");
        var files = Directory.CreateTempSubdirectory("catalog-governed-files-");
        try
        {
            await using var server = await CatalogServer.StartAsync(new ServerOptions
            {
                DataFolder = data.FullName,
                Url = "http://127.0.0.1:0",
                RespUrl = "redis://127.0.0.1:0",
                Roots = [files.FullName],
            });
            var admin = (await File.ReadAllTextAsync(LocalCatalog.AdminKeyFile(data.FullName))).Trim();
            using var catalog = new CatalogClient(server.Address, admin);
            await FillAsync(catalog, files.FullName, rows);
            var reader = await catalog.Keys.CreateAsync("reader", Role.Reader, principal: GovernedPolicies.Principal);
            var standing = server.Services.GetRequiredService<StandingPolicies>();
            var policies = new GovernedPolicies(standing.Current, s_view, s_synthetic);
            (string Name, PolicyView Policies)[] ways =
            [
                ("no policies", policies.None),
                ($"{policies.Statements:N0} statements", policies.With()),
                ("and bucket, bucket", policies.With(("f0", Mask.Bucket), ("f1", Mask.Bucket))),
                ("and null, redact", policies.With(("f0", Mask.Null), ("name", Mask.Redact))),
                ("and hash, hash", policies.With(("name", Mask.Hash), ("code", Mask.Hash))),
                ("and rows where f0 >= 0", policies.WithRows("f0 >= 0")),
            ];

            if (args is not [_, "streams"])
                await CompareLookupsAsync(server, reader.Key, standing, ways, rows);
            await CompareStreamsAsync(server, reader.Key, standing, ways[..2]);
            return 0;
        }
        finally
        {
            data.Delete(recursive: true);
            files.Delete(recursive: true);
        }
    }

    private static async Task CompareLookupsAsync(
        CatalogServer server, string key, StandingPolicies standing, (string Name, PolicyView Policies)[] ways, int rows)
    {
        // The first of them warms the others up.
        foreach (var count in (int[])[10, 100, 1])
            await CompareInProcessAsync(server, standing, ways, count, rows);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { server.RespAddress?.Host ?? "", server.RespAddress?.Port ?? 0 } },
            Password = key,
        });
        var lookup = await LookupCaller.ConnectAsync(redis.GetDatabase(), s_table);
        foreach (var count in (int[])[1, 100])
            await CompareOverLoopbackAsync(lookup, standing, ways, count, rows);
    }

    private static async Task FillAsync(CatalogClient catalog, string folder, int rows)
    {
        var path = Path.Combine(folder, "events.parquet");
        List<RecordBatch> batches = [.. s_table.Batches(rows).Select(Widened)];
        await ParquetFileWriter.WriteAsync(
            path, batches[0].Schema, batches.ToAsyncEnumerable(), new ParquetWriteOptions(), CancellationToken.None);
        var synthetic = await SyntheticTable.WriteAsync(folder, TableRows, ParquetCompression.Zstd);
        foreach (var (name, file) in new[] { ("events", path), (s_synthetic.Name, synthetic) })
        {
            var dataset = new QualifiedName("bench", name);
            await catalog.Datasets.RegisterAsync(dataset, new Registration("bench"));
            await catalog.Datasets.CommitAsync(
                dataset, new NewVersion { Sources = [new VersionSource.InPlace(new Uri(file).AbsoluteUri)] });
        }

        await catalog.Features.ApplyAsync(
            [new FeatureViewSpec(new QualifiedName("bench", "view"), "bench", View)],
            [new FeatureServiceSpec(FloatTable.Service, "bench", new FeatureServiceDefinition([new(s_view)]))]);
        await catalog.Features.Generations.MaterializeAsync(s_view);
    }

    /// <summary>A name of thirty letters and a number, which differ from row to row.</summary>
    private static RecordBatch Widened(RecordBatch batch)
    {
        var ids = ((Int64Array)batch.Column(0)).Values.ToArray();
        return new(
            new Schema(
                [
                    .. batch.Schema.FieldsList, new Field("name", StringType.Default, nullable: true),
                    new Field("code", Int64Type.Default, nullable: true),
                ],
                metadata: null),
            [
                .. batch.Arrays, new StringArray.Builder().AppendRange(ids.Select(i => $"a name of thirty letters {i:00000}")).Build(),
                new Int64Array.Builder().AppendRange(ids.Select(i => i * 7_919)).Build(),
            ],
            batch.Length);
    }

    /// <summary>From the bytes of a request to those of its answer, all that a door does but for the transport, on one thread.</summary>
    private static async Task CompareInProcessAsync(
        CatalogServer server, StandingPolicies standing, (string Name, PolicyView Policies)[] ways, int count, int rows)
    {
        await using var scope = server.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Become(
            new(GovernedPolicies.Principal, KeyId: null, Role.Reader, Purpose: null, Correlation: null, Causation: null));
        var online = scope.ServiceProvider.GetRequiredService<OnlineFeatures>();
        var plans = server.Services.GetRequiredService<LookupPlans>();
        var random = new Random(1);
        var schema = 0UL;
        using (var first = await AnswerAsync(LookupCaller.Request([0], schema: 0, receipt: false)))
            schema = BinaryPrimitives.ReadUInt64LittleEndian(first.WrittenSpan[1..]);
        byte[][] requests =
            [.. Enumerable.Range(0, 100).Select(_ => LookupCaller.Request(Keys(random, count, rows), schema, receipt: false))];
        await CompareAsync($"{count} rows, from bytes to bytes", standing, ways, async () =>
        {
            var took = new double[Samples];
            for (var i = -Samples / 10; i < Samples; i++)
            {
                var began = Stopwatch.GetTimestamp();
                (await AnswerAsync(requests[(i + Samples) % requests.Length])).Dispose();
                if (i >= 0)
                    took[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }

            System.Array.Sort(took);
            return (took[Samples / 2], took[Samples * 99 / 100]);
        });

        ValueTask<Catalog.Server.Doors.Online.AnswerBuffer> AnswerAsync(byte[] request) =>
            plans.AnswerAsync(request, ns: null, online, ServingDoor.Compact, CancellationToken.None);
    }

    private static Task CompareOverLoopbackAsync(
        LookupCaller lookup, StandingPolicies standing, (string Name, PolicyView Policies)[] ways, int count, int rows)
    {
        var random = new Random(1);
        return CompareAsync($"{count} rows, as RESP over loopback", standing, ways, async () =>
        {
            var load = await Measure.RunAsync(1, TimeSpan.FromSeconds(0.7), _ => lookup.ReadAsync(Keys(random, count, rows)));
            return (load.P50 * 1_000, load.P99 * 1_000);
        });
    }

    /// <summary>One Arrow stream over HTTP, read to its end and thrown away.</summary>
    private static async Task CompareStreamsAsync(
        CatalogServer server, string key, StandingPolicies standing, (string Name, PolicyView Policies)[] ways)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await CompareAsync($"{TableRows:N0} x 16 as an Arrow stream", standing, ways, async () =>
        {
            var began = Stopwatch.GetTimestamp();
            await using var stream = await http.GetStreamAsync($"v1/datasets/bench/{s_synthetic.Name}/versions/1/columns");
            await stream.CopyToAsync(Stream.Null, 1 << 20);
            var took = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            return (took, took);
        }, StreamRounds);
    }

    private static async Task CompareAsync(
        string what, StandingPolicies standing, (string Name, PolicyView Policies)[] ways, Func<Task<(double P50, double P99)>> runAsync,
        int rounds = Rounds)
    {
        var runs = ways.ToDictionary(w => w.Name, _ => new List<(double P50, double P99)>(), StringComparer.Ordinal);
        for (var round = -WarmingRounds; round < rounds; round++)
        {
            foreach (var (name, policies) in ways)
            {
                standing.Publish(policies);
                var run = await runAsync();
                if (!ReferenceEquals(standing.Current, policies))
                    throw new InvalidOperationException("Policies changed while they were measured.");
                if (round >= 0)
                    runs[name].Add(run);
            }
        }

        Console.WriteLine(what);
        var none = runs[ways[0].Name];
        foreach (var (name, all) in runs)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {name,-24} p50 {Median(all, r => r.P50),10:0.00} us {Ratio(r => r.P50),6:0.000}   "
                + $"p99 {Median(all, r => r.P99),10:0.00} us {Ratio(r => r.P99),6:0.000}"));

            double Ratio(Func<(double P50, double P99), double> of) => Median(all, of) / Median(none, of);
        }
    }

    private static long[] Keys(Random random, int count, int rows) =>
        [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(rows))];

    private static double Median(IEnumerable<(double P50, double P99)> runs, Func<(double P50, double P99), double> of)
    {
        double[] sorted = [.. runs.Select(of).Order()];
        return sorted[sorted.Length / 2];
    }
}
