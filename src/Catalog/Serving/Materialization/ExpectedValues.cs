using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using Catalog.Storage.Hot;

namespace Catalog.Serving.Materialization;

/// <summary>
/// What a generation should be: for every key that has an event, what the join of training sets says held at its moment, and on top of
/// that, rows that were pushed.
/// </summary>
internal sealed class ExpectedValues(GenerationMaker maker, HotFiles hot)
{
    private const string EventTime = "event time";
    private const string Created = "created time";

    /// <returns>A generation in a file that is mapped, and gone.</returns>
    public async Task<Generation> MakeAsync(GenerationOrder order, CancellationToken ct)
    {
        var keys = await maker.KeysAsync(order with { Sources = [order.Sources[0]] }, progress: null, ct);
        using var builder = new GenerationBuilder(order.Definition, maker.Options);
        var times = order.Definition.IsAggregated() ? [] : await TimesAsync(order, ct);
        var join = await maker.JoinAsync(order, times, ct);
        var rows = order.Definition.IsAggregated()
            ? RowSource.OfComputed(join.Schema, order.Definition, order.Moment)
            : RowSource.OfEvents(join.Schema, Joined(order.Definition), "the join");
        await foreach (var batch in join.ReadAsync(GenerationKeys.Read(keys, order.Moment).ToAsyncEnumerable(), ct))
        {
            using (batch)
                builder.Add(rows, batch, origin: 0, order.Moment);
        }

        foreach (var source in order.Sources.Skip(1))
            await maker.AddAsync(builder, order, source, origin: 1, ct);
        return await MapAsync(builder, order, ct);
    }

    private async Task<Generation> MapAsync(GenerationBuilder builder, GenerationOrder order, CancellationToken ct)
    {
        var path = hot.NewPath();
        try
        {
            var header = new GenerationHeader(order.View, order.Definition, [], order.Moment, PointInTimeJoin.Engine);
            await Task.Run(() => builder.Finish(path, header, ct), ct);
            return Generation.Open(path, sha256: null);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The times of the events that the join finds: they decide between those and rows that were pushed.</summary>
    private async Task<IReadOnlyList<JoinedFeature>> TimesAsync(GenerationOrder order, CancellationToken ct)
    {
        var source = order.Definition.Source;
        var schema = await ColumnScan.SchemaAsync(maker.ViewOf(order, order.Sources[0], []).Files[0], ct);
        List<JoinedFeature> times = [new(new Feature(EventTime, TypeOf(schema, source.EventTime), source.EventTime), EventTime)];
        if (source.CreatedTime is { } created)
            times.Add(new(new Feature(Created, TypeOf(schema, created), created), Created));
        return times;
    }

    private static string TypeOf(Apache.Arrow.Schema schema, string column) =>
        schema.FieldsList[schema.GetFieldIndex(column)].DataType switch
        {
            TimestampType { Unit: var unit, Timezone: var zone } =>
                $"timestamp({unit switch { TimeUnit.Millisecond => "ms", TimeUnit.Microsecond => "us", _ => "ns" }}"
                + $"{(string.IsNullOrEmpty(zone) ? "" : ",UTC")})",
            _ => "date",
        };

    /// <summary>The view as one of the joined rows.</summary>
    private static FeatureDefinition Joined(FeatureDefinition definition) => definition with
    {
        Entities = [.. definition.Entities.Select(e => e with { Keys = [.. e.Keys.Select(k => k with { Column = k.Name })] })],
        Source = definition.Source with { EventTime = EventTime, CreatedTime = definition.Source.CreatedTime is null ? null : Created },
        Features = [.. definition.Features.Select(f => f with { Column = RowSource.ComputedPrefix + f.Name })],
    };
}
