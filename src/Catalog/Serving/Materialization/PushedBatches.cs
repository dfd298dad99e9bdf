using Apache.Arrow;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Serving.Pushing;
using Catalog.Storage.Hot;

namespace Catalog.Serving.Materialization;

/// <summary>Rows of the push log as Arrow batches.</summary>
internal static class PushedBatches
{
    private const int BatchRows = 8192;

    public static IEnumerable<RecordBatch> Of(FeatureDefinition definition, IReadOnlyList<PushedRow> rows)
    {
        var layout = RowLayout.Of(definition);
        foreach (var chunk in rows.Chunk(BatchRows))
        {
            var packed = chunk.Select(r => PushTail.Fit(r, definition, layout)).ToList();
            yield return PackedRows.ToBatch(
                definition, packed, [.. chunk.Select(r => r.Position)], [.. chunk.Select(r => r.PushedAt)],
                [.. chunk.Select(r => r.PushedBy)]);
        }
    }
}
