using Marten;

namespace Catalog.Predictions;

/// <summary>Where predictions are durable.</summary>
internal interface IPredictionShelf
{
    /// <summary>
    /// Stores predictions, all or none; they are durable when this returns. One whose request id is there already stays as it is.
    /// </summary>
    /// <exception cref="Npgsql.NpgsqlException">They could not be stored; where nobody knows, they can be stored again.</exception>
    Task AppendAsync(IReadOnlyList<LoggedPrediction> predictions, CancellationToken ct);
}

/// <summary>The table.</summary>
internal sealed class PredictionShelf(IDocumentStore store) : IPredictionShelf
{
    public Task AppendAsync(IReadOnlyList<LoggedPrediction> predictions, CancellationToken ct) =>
        PredictionTable.AppendAsync(store, predictions, ct);
}
