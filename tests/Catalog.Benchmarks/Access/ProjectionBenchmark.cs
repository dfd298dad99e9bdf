using System.Diagnostics;
using System.Globalization;
using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Sdk;
using Catalog.Server;
using Catalog.Storage.Columnar;

namespace Catalog.Benchmarks.Access;

/// <summary>
/// Addresses of a version's files for somebody whom policies show less: the first time, when files are made, and then, beside an
/// administrator's, who gets the files themselves. Server and client are on the same processors.
/// </summary>
internal static class ProjectionBenchmark
{
    private const int Rounds = 3;
    private const int Requests = 300;
    private const int Rows = 3_000_000;
    private static readonly QualifiedName s_name = new("bench", "rows");

    private static readonly (string Name, string[] Masks, string? Rows)[] s_flights =
    [
        ("null, null", ["destination=null", "origin=null"], null),
        ("hash, null", ["destination=null", "origin=hash"], null),
        ("hash, hash", ["destination=hash", "origin=hash"], null),
        ("rows with delay >= 15", [], "delay >= 15"),
        ("hash, null; rows with delay >= 15", ["destination=null", "origin=hash"], "delay >= 15"),
    ];

    private static readonly (string Name, string[] Masks, string? Rows)[] s_features =
    [
        ("null, redact", ["d0=null", "s=redact"], null),
        ("null, hash of 200 texts", ["d0=null", "s=hash"], null),
        ("null, hash of numbers that differ", ["d0=null", "id=hash"], null),
    ];

    /// <param name="args">The flights as Parquet, or none: then only a table that is made up is read.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("catalog-projections-");
        try
        {
            if (args is [var flights, ..])
                await CompareAsync("flights", flights, Path.Combine(folder.FullName, "flights"), s_flights);
            var made = await SyntheticTable.WriteAsync(folder.FullName, Rows, ParquetCompression.Zstd);
            await CompareAsync($"{Rows:N0} x 16", made, Path.Combine(folder.FullName, "made"), s_features);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task CompareAsync(string title, string file, string folder, (string Name, string[] Masks, string? Rows)[] ways)
    {
        await using var server = await CatalogServer.StartAsync(
            new ServerOptions { DataFolder = folder, Url = "http://127.0.0.1:0" }, _ => { });
        var key = (await File.ReadAllTextAsync(Path.Combine(server.Data.Keys, "admin.key"))).Trim();
        using var admin = new CatalogClient(server.Address, key);
        await admin.Datasets.RegisterAsync(s_name, new Registration("team"));
        var rows = 0L;
        var first = ways.ToDictionary(w => w.Name, _ => new List<double>(), StringComparer.Ordinal);
        CatalogClient? bound = null;
        for (var round = 0; round <= Rounds; round++)
        {
            // Another name of the file is other content: nothing of it is there yet.
            var content = new NewVersion { Sources = [new VersionSource.Upload(file, $"{round}.parquet")] };
            var version = (await admin.Datasets.CommitAsync(s_name, content)).Node;
            rows = (await admin.Datasets.GetVersionAsync(version)).Rows ?? 0;
            foreach (var (name, masks, filter) in ways)
            {
                bound?.Dispose();
                bound = await BoundAsync(admin, server.Address, masks, filter);
                GC.Collect();
                var taken = await SignAsync(bound);
                if (round > 0) // the first warms up
                    first[name].Add(taken);
            }
        }

        Console.WriteLine($"\n{title}: {rows:N0} rows, medians of {Rounds} rounds, on {Environment.ProcessorCount} processors");
        foreach (var (name, times) in first)
            Console.WriteLine($"{name,-36} {Median(times),7:N0} ms, {rows / Median(times) / 1000,6:N2} million rows a second");
        Console.WriteLine($"{"addresses of what is there",-36} {await AgainAsync(bound),7:N2} ms");
        Console.WriteLine($"{"addresses of the files themselves",-36} {await AgainAsync(admin),7:N2} ms");
        bound?.Dispose();
    }

    /// <summary>A principal of its own, with statements about it.</summary>
    private static async Task<CatalogClient> BoundAsync(CatalogClient admin, Uri address, string[] masks, string? filter)
    {
        var principal = Guid.CreateVersion7().ToString("N", CultureInfo.InvariantCulture);
        var key = await admin.Keys.CreateAsync(principal, Role.Reader, principal);
        var statements = masks.Select(m => m.Split('=')).Select((m, i) => Of($"{principal}/{i}", Effect.Mask) with
        {
            Columns = [m[0]],
            Mask = Masks.Read(m[1]),
        }).ToList();
        if (filter is not null)
            statements.Add(Of($"{principal}/rows", Effect.Filter) with { Rows = filter });
        await admin.Policies.ApplyAsync(statements);
        return new CatalogClient(address, key.Key);

        Statement Of(string id, Effect effect) => Statement.Of(id, effect, "A benchmark.") with { Principals = [principal] };
    }

    /// <summary>Milliseconds until all addresses are there.</summary>
    private static async Task<double> SignAsync(CatalogClient catalog)
    {
        var watch = Stopwatch.StartNew();
        var version = await catalog.Datasets.ReadAsync(s_name, "latest");
        if (await version.SignedFiles().CountAsync() == 0)
            throw new InvalidOperationException("There are no files.");
        return watch.Elapsed.TotalMilliseconds;
    }

    private static async Task<double> AgainAsync(CatalogClient? catalog)
    {
        var times = new List<double>();
        for (var i = 0; catalog is not null && i < Requests; i++)
            times.Add(await SignAsync(catalog));
        return Median(times);
    }

    private static double Median(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return sorted[sorted.Length / 2];
    }
}
