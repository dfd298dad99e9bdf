using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Marten;

namespace Catalog.Predictions;

/// <summary>
/// Counts predictions that could not be stored: in a metric, in memory, and, once the database answers, in a table that all servers add to.
/// </summary>
internal sealed class PredictionLosses(TimeProvider clock)
{
    private static readonly Meter Meter = new("Catalog.Predictions");
    private static readonly Counter<long> Kept = Meter.CreateCounter<long>(
        "catalog.predictions.kept", "{prediction}", "Predictions that were stored.");

    private static readonly Counter<long> Lost = Meter.CreateCounter<long>(
        "catalog.predictions.lost", "{prediction}", "Predictions that were handed back and not stored: no room, or no database.");

    private static readonly Counter<long> Sealed = Meter.CreateCounter<long>(
        "catalog.predictions.sealed", "{prediction}", "Predictions that became part of a dataset version.");

    private readonly ConcurrentDictionary<string, long> _sinceStart = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _unnoted = new(StringComparer.Ordinal);

    /// <summary>When this server began to count.</summary>
    public DateTimeOffset Since { get; } = clock.GetUtcNow();

    public static void CountKept(long predictions) => Kept.Add(predictions);

    public static void CountSealed(long predictions) => Sealed.Add(predictions);

    /// <summary>Predictions of a model are lost.</summary>
    public void Add(NodeId model, long predictions)
    {
        Lost.Add(predictions);
        _sinceStart.AddOrUpdate(model.StreamId, predictions, (_, before) => before + predictions);
        _unnoted.AddOrUpdate(model.StreamId, predictions, (_, before) => before + predictions);
    }

    /// <summary>Lost on this server since it started.</summary>
    public long Of(NodeId model) => _sinceStart.GetValueOrDefault(model.StreamId);

    /// <summary>Of those, what the table does not have yet.</summary>
    public long UnnotedOf(NodeId model) => _unnoted.GetValueOrDefault(model.StreamId);

    /// <summary>Brings the table up to what this server has counted.</summary>
    /// <returns>What was lost since that was last done, by the stream of the model.</returns>
    public async Task<IReadOnlyList<(string Stream, long Lost)>> NoteAsync(IDocumentStore store, CancellationToken ct)
    {
        var noted = new List<(string, long)>();
        foreach (var (stream, lost) in _unnoted)
        {
            await PredictionTable.NoteLostAsync(store, stream, lost, clock.GetUtcNow(), ct);
            if (_unnoted.AddOrUpdate(stream, 0, (_, now) => now - lost) == 0)
                _unnoted.TryRemove(KeyValuePair.Create(stream, 0L));
            noted.Add((stream, lost));
        }

        return noted;
    }
}
