using System.Globalization;
using Apache.Arrow;
using Catalog.Training;

namespace Catalog.Columns;

/// <summary>Rows of a version, to be read once.</summary>
/// <param name="Schema">Of every batch.</param>
/// <param name="ReadAsync">The batches, each of which the caller disposes.</param>
public sealed record ColumnBatches(Schema Schema, Func<CancellationToken, IAsyncEnumerable<RecordBatch>> ReadAsync)
{
    /// <summary>What a training read begins with; null for a plain one.</summary>
    public TrainingPlace? Place { get; init; }
}

/// <summary>
/// What a client needs to know to go on where it stopped. It is told in the metadata of the schema, where every reader of Arrow finds it.
/// </summary>
/// <param name="Start">Where this read begins. The position grows by the number of shards with each row that a shard has used.</param>
/// <param name="EpochRows">Rows of the epoch, of all shards: the position does not grow beyond.</param>
/// <param name="Deal">Which of them are read here.</param>
/// <param name="Shape">How the order is laid out.</param>
/// <param name="Seed">Null for the version's own order.</param>
public sealed record TrainingPlace(ReadToken Start, long EpochRows, Deal Deal, OrderShape Shape, long? Seed)
{
    internal Schema Tell(Schema schema, string? recorded)
    {
        var metadata = new Dictionary<string, string>(schema.Metadata ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            ["catalog.token"] = Start.ToString(),
            ["catalog.epoch_rows"] = Text(EpochRows),
            ["catalog.shard_rows"] = Text(Deal.Count),
            ["catalog.shards"] = Text(Deal.Shards),
            ["catalog.lanes"] = Text(Shape.Lanes),
            ["catalog.window_rows"] = Text(Shape.WindowRows),
        };
        if (recorded is not null)
            metadata["catalog.recorded"] = recorded;
        return new(schema.FieldsList, metadata);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
