using Catalog.Columns;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Integrity;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Catalog.Storage.Hot;
using Catalog.TrainingSets;
using Catalog.Usage;

namespace Catalog.Serving.Materialization;

/// <summary>What is to be made.</summary>
/// <param name="View">By number.</param>
/// <param name="Definition">Of that version.</param>
/// <param name="Sources">The dataset of events, and behind it rows that were pushed.</param>
/// <param name="AsOf">Events up to there count, and windows end there.</param>
internal sealed record GenerationOrder(
    NodeId View, FeatureDefinition Definition, IReadOnlyList<PinnedSource> Sources, DateTimeOffset AsOf)
{
    /// <summary>A generation that this one can go on from; null to read everything.</summary>
    public EarlierGeneration? Base { get; init; }

    /// <summary>In microseconds since 1970.</summary>
    public long Moment => (AsOf.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}

/// <summary>A generation to go on from, and the files that are not in it.</summary>
/// <param name="Added">By source, in the order of the sources.</param>
internal sealed record EarlierGeneration(Guid Id, Generation Rows, IReadOnlyList<IReadOnlyList<FileEntry>> Added);

/// <summary>How far making a generation has come.</summary>
/// <param name="View">Which one.</param>
/// <param name="Step"><c>reading</c>, <c>computing</c> or <c>storing</c>.</param>
/// <param name="Rows">Rows done with in this step.</param>
public sealed record MaterializeProgress(string View, string Step, long Rows);

/// <summary>
/// Makes a generation's file. Of a view of columns, the latest row of each key is kept while events stream by; of a view of windows, the
/// keys are gathered first, and the point-in-time join that training sets are made with computes what held for each of them.
/// </summary>
internal sealed class GenerationMaker(ColumnFiles files, Readings readings, HotFiles hot, TrainingSettings settings)
{
    public const string LatestEngine = "catalog-latest/1";

    public static string EngineOf(FeatureDefinition definition) => definition.IsAggregated() ? PointInTimeJoin.Engine : LatestEngine;

    /// <exception cref="JoinException">A column is not there, or does not fit.</exception>
    /// <exception cref="Storage.Files.FileException">A file cannot be read.</exception>
    /// <exception cref="IOException">There is no room for the file.</exception>
    public async Task<BuiltGeneration> MakeAsync(GenerationOrder order, IProgress<MaterializeProgress>? progress, CancellationToken ct)
    {
        var path = hot.NewPath();
        var origins = Origins(order);
        var header = new GenerationHeader(order.View, order.Definition, origins, order.Moment, EngineOf(order.Definition));
        using var builder = new GenerationBuilder(order.Definition, Options);
        var meter = new RowMeter(order.View, "reading", progress);
        if (order.Definition.IsAggregated())
            await ComputeAsync(builder, order, progress, ct);
        else
            await GatherAsync(builder, order, origins, meter, ct);
        return await Task.Run(() => builder.Finish(path, header, ct), ct);
    }

    /// <summary>All keys that have events up to a moment, as a generation without features, in a file that is mapped and gone.</summary>
    public async Task<Generation> KeysAsync(GenerationOrder order, IProgress<MaterializeProgress>? progress, CancellationToken ct)
    {
        var keys = order.Definition with { Features = [], TimeToLive = null };
        using var builder = new GenerationBuilder(keys, Options);
        var meter = new RowMeter(order.View, "reading", progress);
        foreach (var source in order.Sources)
            await ReadAsync(builder, keys, source, source.Files, origin: 0, order.Moment, meter, ct);
        var path = hot.NewPath();
        try
        {
            var header = new GenerationHeader(order.View, keys, [], order.Moment, LatestEngine);
            await Task.Run(() => builder.Finish(path, header, ct), ct);
            return Generation.Open(path, sha256: null);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What held for keys at the order's moment, by the join of training sets.</summary>
    /// <param name="beside">What is wanted beside the features.</param>
    public async Task<PointInTimeJoin> JoinAsync(GenerationOrder order, IEnumerable<JoinedFeature> beside, CancellationToken ct) =>
        await PointInTimeJoin.OpenAsync(
            GenerationKeys.SchemaOf(order.Definition), GenerationKeys.TimeColumn, timeZone: null,
            [ViewOf(order, order.Sources[0], beside)],
            new JoinOptions { MemoryBytes = settings.MemoryBytes, SpillFolder = settings.Folder }, ct);

    /// <summary>A source as the join reads it: events, whatever their age.</summary>
    public JoinedView ViewOf(GenerationOrder order, PinnedSource source, IEnumerable<JoinedFeature> beside)
    {
        var reading = readings.Begin(source.Version, UsageWay.Materialization);
        var definition = source.IsPushed ? PushedRows.Named(order.Definition) : order.Definition;
        return new(
            $"'{source.Version}'",
            definition with { TimeToLive = null },
            [.. source.Files.Select(f => files.Source(f, reading))],
            definition.Keys().ToDictionary(k => k.Name, k => k.Name, StringComparer.Ordinal),
            [.. definition.Features.Select(f => new JoinedFeature(f, RowSource.ComputedPrefix + f.Name)), .. beside]);
    }

    public BuildOptions Options => new() { MemoryBytes = settings.MemoryBytes, Folder = settings.Folder };

    /// <summary>Those of the generation that this one goes on from, and then its own: later ones are behind.</summary>
    private static IReadOnlyList<GenerationOrigin> Origins(GenerationOrder order) =>
    [
        .. from origin in (order.Base?.Rows.Header.Origins ?? [])
               .Concat(order.Sources.Select(s => new GenerationOrigin(s.Version, s.Source.Position)))
           group origin by origin.Version into same
           orderby order.Sources.Any(s => s.IsPushed && s.Version.StreamId == same.Key.StreamId), same.Key.VersionNumber
           select same.First(),
    ];

    private async Task GatherAsync(
        GenerationBuilder builder, GenerationOrder order, IReadOnlyList<GenerationOrigin> origins, RowMeter meter, CancellationToken ct)
    {
        if (order.Base is { } earlier)
            builder.Add(earlier.Rows, [.. earlier.Rows.Header.Origins.Select(o => PlaceOf(origins, o.Version))]);
        for (var i = 0; i < order.Sources.Count; i++)
        {
            var source = order.Sources[i];
            var wanted = order.Base?.Added[i] ?? source.Files;
            await ReadAsync(builder, order.Definition, source, wanted, PlaceOf(origins, source.Version), order.Moment, meter, ct);
        }
    }

    private async Task ComputeAsync(
        GenerationBuilder builder, GenerationOrder order, IProgress<MaterializeProgress>? progress, CancellationToken ct)
    {
        var keys = await KeysAsync(order, progress, ct);
        var join = await JoinAsync(order, [], ct);
        var source = RowSource.OfComputed(join.Schema, order.Definition, order.Moment);
        var meter = new RowMeter(order.View, "computing", progress);
        await foreach (var batch in join.ReadAsync(GenerationKeys.Read(keys, order.Moment).ToAsyncEnumerable(), ct))
        {
            using (batch)
            {
                builder.Add(source, batch, origin: 0, order.Moment);
                meter.Add(batch.Length);
            }
        }
    }

    /// <summary>Adds the rows of files of a source.</summary>
    public Task AddAsync(GenerationBuilder builder, GenerationOrder order, PinnedSource source, uint origin, CancellationToken ct) =>
        ReadAsync(
            builder, order.Definition, source, source.Files, origin, order.Moment, new(order.View, "reading", progress: null), ct);

    private async Task ReadAsync(
        GenerationBuilder builder, FeatureDefinition definition, PinnedSource source, IReadOnlyList<FileEntry> wanted, uint origin,
        long upTo, RowMeter meter, CancellationToken ct)
    {
        if (wanted.Count == 0)
            return;
        var reading = readings.Begin(source.Version, UsageWay.Materialization);
        var named = source.IsPushed ? PushedRows.Named(definition) : definition;
        var scan = await ColumnScan.OpenAsync(
            [.. wanted.Select(f => files.Source(f, reading))],
            new()
            {
                Columns = RowSource.ColumnsOf(named),
                MaxBytesInFlight = Math.Min(ScanRequest.DefaultMaxBytesInFlight, settings.MemoryBytes / 8),
            },
            ct);
        var rows = RowSource.OfEvents(scan.Schema, named, $"'{source.Version}'");
        await foreach (var batch in scan.ReadAsync(ct))
        {
            using (batch)
            {
                builder.Add(rows, batch, origin, upTo);
                meter.Add(batch.Length);
            }
        }
    }

    private static uint PlaceOf(IReadOnlyList<GenerationOrigin> origins, NodeId version) =>
        (uint)Enumerable.Range(0, origins.Count).First(i => origins[i].Version == version);

    /// <summary>Tells how many rows were done with.</summary>
    private sealed class RowMeter(NodeId view, string step, IProgress<MaterializeProgress>? progress)
    {
        private long _rows;

        public void Add(int rows) => progress?.Report(new(view.ToString(), step, _rows += rows));
    }
}
