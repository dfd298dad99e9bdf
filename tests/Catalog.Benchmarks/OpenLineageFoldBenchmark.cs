using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Lineage;
using Catalog.Lineage.OpenLineage;

namespace Catalog.Benchmarks;

/// <summary>
/// What the lineage graph takes for each OpenLineage event: time to read the fact and to fold it, and memory for what it has to remember.
/// </summary>
internal static class OpenLineageFoldBenchmark
{
    /// <summary>As facts are written in the log.</summary>
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static int Run(string[] args)
    {
        if (args is not [var folder, .. var rest])
        {
            Console.Error.WriteLine("Say where the events are: a folder with JSON files.");
            return 2;
        }

        var wanted = rest is [var count, ..] ? int.Parse(count) : 1_000_000;
        var sameTime = rest is [_, "same-time"];
        var events = EventTemplate.Load(folder);
        var graph = new TemporalGraph();
        var fold = new OpenLineageFold(graph);
        var (reading, folding) = (TimeSpan.Zero, TimeSpan.Zero);
        var empty = GC.GetTotalMemory(forceFullCollection: true);
        var body = new MemoryStream();
        Console.WriteLine("| events | reading µs an event | folding µs an event | nodes | bytes an event |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: |");
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (int i = 0, counted = 0, next = 10_000; i < wanted; i++)
        {
            body.SetLength(0);
            events[i * 7 % events.Count].WriteTo(body, sameTime ? start : start.AddMilliseconds(i));
            var sent = OpenLineageInterpreter.Read(body.GetBuffer().AsMemory(0, (int)body.Length)).Event;
            var stored = JsonSerializer.SerializeToUtf8Bytes(sent, s_json);
            var began = Stopwatch.GetTimestamp();
            var said = JsonSerializer.Deserialize<OpenLineageEvent>(stored, s_json) ?? throw new InvalidOperationException("No event.");
            reading += Stopwatch.GetElapsedTime(began);
            began = Stopwatch.GetTimestamp();
            fold.Apply(said, i + 1);
            if (i % 100 == 99)
                graph.Publish(i + 1);
            folding += Stopwatch.GetElapsedTime(began);
            if (i + 1 != next && i + 1 != wanted)
                continue;
            graph.Pack(i + 1);
            var bytes = GC.GetTotalMemory(forceFullCollection: true) - empty;
            var number = i + 1 - counted;
            Console.WriteLine(
                $"| {i + 1:N0} | {reading.TotalMicroseconds / number:N1} | {folding.TotalMicroseconds / number:N1} "
                + $"| {graph.Current.NodeCount:N0} | {(double)bytes / (i + 1):N0} |");
            (reading, folding, counted, next) = (TimeSpan.Zero, TimeSpan.Zero, i + 1, next * 10);
        }

        GC.KeepAlive(fold);
        return 0;
    }
}
