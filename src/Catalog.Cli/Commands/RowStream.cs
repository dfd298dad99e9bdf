using Apache.Arrow;
using Catalog.Sdk;
using Catalog.Training;

namespace Catalog.Cli.Commands;

/// <summary>Rows of a version as they come: in its own order, or in that of an epoch.</summary>
internal sealed class RowStream : IAsyncDisposable
{
    private readonly ColumnStream? _columns;
    private readonly TrainingRead? _epoch;

    private RowStream(ColumnStream? columns, TrainingRead? epoch, NodeId version, Schema schema) =>
        (_columns, _epoch, Version, Schema) = (columns, epoch, version, schema);

    public NodeId Version { get; }

    public Schema Schema { get; }

    /// <summary>Columns that are masked for this reader, and what is shown instead.</summary>
    public IReadOnlyDictionary<string, string> Masked =>
        _columns?.Masked ?? _epoch?.Masked ?? new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether rows were left out that this reader may not see.</summary>
    public bool IsFiltered => _columns?.IsFiltered ?? _epoch?.IsFiltered ?? false;

    /// <summary>Where an epoch goes on behind what was read of it.</summary>
    public ReadToken? Token => _epoch?.Token;

    /// <param name="reader">Of the version.</param>
    /// <param name="query">What to read in the version's order.</param>
    /// <param name="training">What to read of an epoch; null to read in the version's order.</param>
    /// <param name="ct">Stops.</param>
    public static async Task<RowStream> OpenAsync(VersionReader reader, ColumnQuery query, TrainingQuery? training, CancellationToken ct)
    {
        if (training is null)
        {
            var columns = await reader.OpenColumnsAsync(query, ct);
            return new(columns, epoch: null, columns.Version, columns.Schema);
        }

        var epoch = await reader.OpenTrainingReadAsync(training, ct);
        return new(columns: null, epoch, epoch.Version, epoch.Schema);
    }

    public IAsyncEnumerable<RecordBatch> BatchesAsync(CancellationToken ct) =>
        _epoch?.BatchesAsync(ct) ?? _columns?.BatchesAsync(ct) ?? AsyncEnumerable.Empty<RecordBatch>();

    public async ValueTask DisposeAsync()
    {
        if (_columns is not null)
            await _columns.DisposeAsync();
        if (_epoch is not null)
            await _epoch.DisposeAsync();
    }
}
