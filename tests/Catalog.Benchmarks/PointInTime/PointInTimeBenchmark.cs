using System.Diagnostics;
using System.Globalization;
using Apache.Arrow;
using Catalog.Features;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using DuckDB.NET.Data;

namespace Catalog.Benchmarks;

/// <summary>
/// Joins rows to events of three views as of each row's time: by our join, by DuckDB's ASOF join, and by <c>merge_asof</c> of pandas, which
/// has its events in memory and sorted before the clock starts. The others read Parquet. Medians of three, taken in turns.
/// </summary>
internal static class PointInTimeBenchmark
{
    private const int Rounds = 3;
    private const int Views = 3;

    public static async Task<int> RunAsync(string[] args)
    {
        var rows = args is [var first, ..] ? int.Parse(first, CultureInfo.InvariantCulture) : 1_000_000;
        var events = args is [_, var second, ..] ? int.Parse(second, CultureInfo.InvariantCulture) : 10_000_000;
        var folder = Directory.CreateTempSubdirectory("catalog-join-").FullName;
        try
        {
            var table = await JoinTables.RowsAsync(folder, rows, keys: 1_000_000);
            foreach (var isByKey in (bool[])[true, false])
            {
                var files = new List<string>();
                for (var view = 0; view < Views; view++)
                    files.Add(await JoinTables.EventsAsync(folder, $"events{view}.parquet", events, 1_000_000, 10 + view, isByKey));
                var order = isByKey ? "key and time" : "time";
                await CompareAsync($"{rows:N0} rows x {events:N0} events x {Views} views, by {order}", table, files);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// More events than fit in the memory that a join is given, from one file for all views: first columns as they are, then windows, whose
    /// events wait on the disk.
    /// </summary>
    public static async Task<int> RunLargeAsync(string[] args)
    {
        var events = args is [var first, ..] ? long.Parse(first, CultureInfo.InvariantCulture) : 100_000_000;
        var folder = Directory.CreateTempSubdirectory("catalog-join-").FullName;
        try
        {
            var table = await JoinTables.RowsAsync(folder, 1_000_000, keys: 1_000_000);
            var file = await JoinTables.ManyAsync(folder, events, keys: 1_000_000);
            Console.WriteLine($"{new FileInfo(file).Length >> 20:N0} MiB of events; {Environment.WorkingSet >> 20:N0} MiB in use before");
            foreach (var definition in (FeatureDefinition[])[Definition, Windowed])
            {
                var answer = await CatalogAsync(table, [file, file, file], 1L << 30, definition);
                using var process = Process.GetCurrentProcess();
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"1,000,000 rows x {events:N0} events x {Views} views, {(definition == Windowed ? "windows" : "as they are")}: "
                    + $"{answer.Seconds:F1} s, {answer.Rows:N0} rows, {answer.Found:N0} found, "
                    + $"at most {process.PeakWorkingSet64 >> 20:N0} MiB"));
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(string title, string table, IReadOnlyList<string> files)
    {
        Dictionary<string, Func<Task<Answer>>> joins = new(StringComparer.Ordinal)
        {
            ["Catalog"] = () => CatalogAsync(table, files, JoinOptions.DefaultMemoryBytes),
            ["Catalog, 256 MB"] = () => CatalogAsync(table, files, 256L << 20),
            ["DuckDB ASOF, 2 threads"] = () => DuckDbAsync(table, files),
        };
        if (MergeAsof.IsHere)
            joins["pandas merge_asof, no reading"] = () => MergeAsof.RunAsync(table, files);

        var taken = joins.Keys.ToDictionary(k => k, _ => new List<Answer>(), StringComparer.Ordinal);
        for (var round = 0; round < Rounds + 1; round++)
        {
            foreach (var (name, join) in joins)
            {
                GC.Collect();
                var answer = await join();
                if (round > 0)
                    taken[name].Add(answer);
            }
        }

        Console.WriteLine($"\n{title}");
        var ours = Median(taken["Catalog"], a => a.Seconds);
        foreach (var (name, answers) in taken)
        {
            var seconds = Median(answers, a => a.Seconds);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {name,-32} {seconds,7:F2} s  {seconds / ours,5:F2} times ours  first row {Median(answers, a => a.FirstRow),6:F2} s  "
                + $"{answers[0].Rows:N0} rows, {answers[0].Found:N0} found, sum {answers[0].Sum:F3}"));
        }
    }

    private static async Task<Answer> CatalogAsync(
        string table, IReadOnlyList<string> files, long memory, FeatureDefinition? definition = null)
    {
        var view = definition ?? Definition;
        var watch = Stopwatch.StartNew();
        var scan = await ColumnScan.OpenAsync([ParquetSource.File(table)], new(), CancellationToken.None);
        var views = files.Select((f, i) => new JoinedView(
            $"view{i}", view, [ParquetSource.File(f)], new Dictionary<string, string> { ["key"] = "key" },
            [new(view.Features[0], $"value{i}")])).ToList();
        var join = await PointInTimeJoin.OpenAsync(
            scan.Schema, "ts", timeZone: null, views, new() { MemoryBytes = memory }, CancellationToken.None);
        var answer = new Answer();
        await foreach (var batch in join.ReadAsync(scan.ReadAsync()))
        {
            using (batch)
                answer = answer.With(batch, watch.Elapsed.TotalSeconds);
        }

        return answer with { Seconds = watch.Elapsed.TotalSeconds };
    }

    private static async Task<Answer> DuckDbAsync(string table, IReadOnlyList<string> files)
    {
        var watch = Stopwatch.StartNew();
        await using var connection = new DuckDBConnection("DataSource=:memory:");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "set threads=2";
        await command.ExecuteNonQueryAsync();
        var columns = string.Join(", ", files.Select((_, i) => $"v{i}.value as value{i}"));
        var joins = string.Join(" ", files.Select((f, i) =>
            $"asof left join read_parquet('{f}') v{i} on r.key = v{i}.key and r.ts >= v{i}.ts"));
        command.CommandText = $"select r.key, r.ts, {columns} from read_parquet('{table}') r {joins}";
        command.UseStreamingMode = true;
        var answer = new Answer();
        using var batches = command.ExecuteArrowStream();
        while (await batches.ReadNextRecordBatchAsync() is { } batch)
        {
            using (batch)
                answer = answer.With(batch, watch.Elapsed.TotalSeconds);
        }

        return answer with { Seconds = watch.Elapsed.TotalSeconds };
    }

    private static double Median(IEnumerable<Answer> answers, Func<Answer, double> of)
    {
        double[] sorted = [.. answers.Select(of).Order()];
        return sorted[sorted.Length / 2];
    }

    private static FeatureDefinition Windowed { get; } = Definition with
    {
        Features = [new("value", "float64", "value", new(AggregateFunction.Mean, TimeSpan.FromDays(7)))],
    };

    private static FeatureDefinition Definition => new(
        [new("thing", [new("key", "int64", "key")])],
        new(NodeId.Dataset("bench", "events"), "ts", CreatedTime: null, TimeZone: null, TieRule.Last),
        [new("value", "float64", "value", Aggregation: null)],
        TimeToLive: null);
}

/// <summary>What a join gave, for comparing, and when.</summary>
internal sealed record Answer(double Seconds = 0, double FirstRow = 0, long Rows = 0, long Found = 0, double Sum = 0)
{
    public Answer With(RecordBatch batch, double now)
    {
        var (found, sum) = (Found, Sum);
        foreach (var values in batch.Arrays.OfType<DoubleArray>())
        {
            found += values.Length - values.NullCount;
            for (var i = 0; i < values.Length; i++)
                sum += values.GetValue(i) ?? 0;
        }

        return new(now, Rows == 0 ? now : FirstRow, Rows + batch.Length, found, sum);
    }
}
