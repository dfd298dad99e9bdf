using Apache.Arrow;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Storage.Columnar;
using Catalog.Training;

namespace Catalog.Columns;

/// <summary>The rows of a version in the order of an epoch, one shard of it.</summary>
internal sealed class TrainingReads(RowGroupIndexes indexes)
{
    /// <param name="version">Whose files they are.</param>
    /// <param name="files">All of them, in order.</param>
    /// <param name="request">Columns and conditions, of the types of the columns.</param>
    /// <param name="question">In which order, and which part.</param>
    /// <param name="filter">The conditions, in one spelling.</param>
    /// <param name="binding">What else tokens are bound to; empty for nothing.</param>
    /// <param name="ct">Stops.</param>
    public async Task<Outcome<ColumnBatches>> OpenAsync(
        LocatedVersion version, IReadOnlyList<ParquetSource> files, ScanRequest request, ColumnQuestion question, string filter,
        string binding, CancellationToken ct)
    {
        var training = question.Training ?? new();
        var index = await indexes.OfAsync(
            version.ManifestHash, () => RowGroupIndex.ReadAsync(files, request.Parallelism, CancellationToken.None), ct);
        var counts = request.Where.Count == 0
            ? index.Rows
            : await indexes.CountsAsync(version.ManifestHash, filter, () => index.CountAsync(files, request, CancellationToken.None), ct);

        var shape = training.Seed is null ? OrderShape.InOrder
            : OrderShape.Of(index.Rows.Count, index.TotalRows, index.Bytes, training.Lanes, training.WindowRows);
        var key = new OrderKey(version.ManifestHash, filter, training.Seed, shape, binding);
        if (training.Token is { } token && token.Order != key.Name)
            return Problem.Field("columns.token_mismatch", "token", Mismatch);

        var start = training.Token ?? new ReadToken(key.Name, training.Epoch ?? 0, Position: 0);
        var order = new EpochOrder(key, counts, start.Epoch);
        var deal = new Deal(order.Rows, start.Position, question.Shard.Index, question.Shard.Count, training.Uneven);
        var scan = await EpochScan.OpenAsync(files, request, index, order, deal, ct);
        return new ColumnBatches(scan.Schema, scan.ReadAsync)
        {
            Place = new(start, order.Rows, deal, shape, training.Seed),
        };
    }

    private const string Mismatch =
        "The token belongs to another order: version, filter, seed, lanes and windowRows must be those it was given for, and what is "
        + "masked or left out for you the same as then.";
}
