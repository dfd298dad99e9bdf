using Apache.Arrow;
using Catalog.Features.PointInTime;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>
/// A view whose features are columns as they are: the latest event of a row's key that is not after it. Events are read twice, first what
/// decides which of them hold, then, for those only, the features.
/// </summary>
internal sealed class LatestColumns : ViewColumns
{
    private readonly EventColumns _events;

    public LatestColumns(JoinedView view, Schema source, KeyColumns rowKeys, JoinOptions options)
        : base(view, source, rowKeys, options)
    {
        _events = new(view, source, [], options);
        for (var i = 0; i < view.Features.Count; i++)
            CheckFits(view.Features[i], Fields[i].DataType);
    }

    public override async Task<IArrowArray[]> ComputeAsync(RowChunk chunk, CancellationToken ct) =>
        await TakeAsync([.. Enumerable.Range(0, Fields.Count)], await PlacesAsync(chunk, ct), ct);

    public override async Task<ViewTrace> TraceAsync(RowChunk row, int most, CancellationToken ct)
    {
        // The bound of a window is not of it, that of a time to live is.
        var ttl = View.Definition.TimeToLive?.Ticks / TimeSpan.TicksPerMicrosecond;
        return await _events.TraceAsync(row, RowKeys, row.Times[0] - ttl - 1, most: 1, ct);
    }

    /// <summary>By row, where the event that holds for it is in the version; -1 for none.</summary>
    private async Task<long[]> PlacesAsync(RowChunk chunk, CancellationToken ct)
    {
        var places = new long[chunk.Rows];
        System.Array.Fill(places, -1L);
        var keys = KeyGroups.Of(RowKeys, chunk.Rows);
        var groups = chunk.Number(keys, RowKeys);
        var slots = RowSlots.Of(groups, chunk.Times, keys.Count);
        if (slots.Count == 0)
            return places;

        var ties = View.Definition.Source.Ties;
        await foreach (var events in _events.ReadAsync(keys, ct))
            slots.Offer(events.Groups.Span, events.Times.Span, events.Created.Span, events.First, ties);
        slots.Settle(View.Definition.TimeToLive?.Ticks / TimeSpan.TicksPerMicrosecond, ties, places);
        return places;
    }
}
