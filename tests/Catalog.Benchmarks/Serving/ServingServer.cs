using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Sdk;
using Catalog.Server;
using Catalog.Storage.Columnar;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Catalog.Benchmarks.Serving;

/// <summary>
/// The serving half of <see cref="ServingBenchmark"/>, in a process of its own: a catalog with a view of one million keys, and a plain
/// server that answers Feast's JSON out of the same generation with System.Text.Json's generated code.
/// </summary>
internal static class ServingServer
{
    public const string Argument = "serving-server";

    public static async Task<int> RunAsync(string[] args)
    {
        var rows = int.Parse(args[0], CultureInfo.InvariantCulture);
        var table = new FloatTable(int.Parse(args[1], CultureInfo.InvariantCulture));
        var data = Directory.CreateTempSubdirectory("catalog-serving-");
        var files = Directory.CreateTempSubdirectory("catalog-serving-files-");
        try
        {
            await using var server = await CatalogServer.StartAsync(new ServerOptions
            {
                DataFolder = data.FullName,
                Url = "http://127.0.0.1:0",
                FlightUrl = "http://127.0.0.1:0",
                RespUrl = "redis://127.0.0.1:0",
                Roots = [files.FullName],
            });
            var key = (await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(data.FullName, "keys"), "*admin*")[0])).Trim();
            var made = await FillAsync(server.Address, key, files.FullName, rows, table);
            var generation = Generation.Open(Directory.GetFiles(Path.Combine(data.FullName, "hot"), "*.gen")[0], sha256: null);
            await using var plain = Plain(generation);
            await plain.StartAsync();
            Console.WriteLine(string.Join(
                '|',
                ["ready", $"{server.Address}", $"{server.FlightAddress}", $"{server.RespAddress}", key, plain.Urls.First(), .. made]));
            await Console.In.ReadToEndAsync();
            return 0;
        }
        finally
        {
            data.Delete(recursive: true);
            files.Delete(recursive: true);
        }
    }

    /// <returns>Two generations of the same, the second of which is active.</returns>
    private static async Task<IReadOnlyList<string>> FillAsync(Uri address, string key, string folder, int rows, FloatTable table)
    {
        var path = Path.Combine(folder, "events.parquet");
        var batches = table.Batches(rows);
        await ParquetFileWriter.WriteAsync(
            path, batches[0].Schema, batches.ToAsyncEnumerable(), new ParquetWriteOptions(), CancellationToken.None);
        using var catalog = new CatalogClient(address, key);
        var events = new QualifiedName("bench", "events");
        await catalog.Datasets.RegisterAsync(events, new Registration("bench"));
        await catalog.Datasets.CommitAsync(
            events, new NewVersion { Sources = [new VersionSource.InPlace(new Uri(path).AbsoluteUri)] });
        await catalog.Features.ApplyAsync(
            [new FeatureViewSpec(new QualifiedName("bench", "view"), "bench", table.View)],
            [
                new FeatureServiceSpec(
                    FloatTable.Service, "bench", new FeatureServiceDefinition([new(NodeId.FeatureView("bench", "view"))])),
            ]);
        var made = new List<string>();
        foreach (var at in (DateTimeOffset[])[TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow()])
        {
            var result = await catalog.Features.Generations.MaterializeAsync(
                NodeId.FeatureView("bench", "view"), new MaterializeOptions(At: at, Full: true));
            made.Add(result.Generations[0].Generation.Name);
        }

        return made;
    }

    private static WebApplication Plain(Generation generation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/get-online-features", async (HttpContext http) =>
        {
            var asked = await JsonSerializer.DeserializeAsync(http.Request.Body, PlainJson.Default.PlainQuestion)
                ?? throw new BadHttpRequestException("No question.");
            await JsonSerializer.SerializeAsync(http.Response.Body, Answer(generation, asked), PlainJson.Default.PlainAnswer);
        });
        return app;
    }

    private static PlainAnswer Answer(Generation generation, PlainQuestion asked)
    {
        var ids = asked.Entities["id"];
        var keys = new KeyBatch();
        keys.Reset(generation.Layout.Keys);
        keys.Add(ids);
        var rows = new nint[ids.Length];
        generation.Find(keys, rows);
        var present = Enumerable.Repeat("PRESENT", ids.Length).ToArray();
        var results = new List<PlainVector>();
        foreach (var slot in generation.Layout.Slots)
        {
            var (values, times) = (new double[rows.Length], new string[rows.Length]);
            for (var i = 0; i < rows.Length; i++)
            {
                var row = new HotRow(rows[i]);
                values[i] = row.Read<float>(slot);
                times[i] = DateTime.UnixEpoch.AddMicroseconds(row.EventTime).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            }

            results.Add(new(values, present, times));
        }

        return new(results, new([.. generation.Layout.Slots.Select(s => s.Name)]));
    }
}

internal sealed record PlainQuestion(
    Dictionary<string, long[]> Entities, [property: JsonPropertyName("feature_service")] string FeatureService);

internal sealed record PlainVector(
    double[] Values, string[] Statuses, [property: JsonPropertyName("event_timestamps")] string[] EventTimestamps);

internal sealed record PlainMetadata([property: JsonPropertyName("feature_names")] IReadOnlyList<string> FeatureNames);

internal sealed record PlainAnswer(IReadOnlyList<PlainVector> Results, PlainMetadata Metadata);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PlainQuestion))]
[JsonSerializable(typeof(PlainAnswer))]
internal sealed partial class PlainJson : JsonSerializerContext;
