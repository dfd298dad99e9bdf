using Catalog.Features;
using Catalog.Hot;
using Catalog.Serving.Metrics;
using Catalog.Storage.Hot;
using Marten;

namespace Catalog.Serving.Pushing;

/// <summary>
/// Brings pushed rows from the push log into the overlays that are served. A row may come several times, and in any order: only a newer one
/// takes the place of another.
/// </summary>
internal sealed class PushTail(IDocumentStore store, ServingMeter meter, TimeProvider clock)
{
    private TaskCompletionSource _next = New();
    private long _position;
    private bool _hasCaughtUp;

    /// <summary>Completes when this server has pushed something.</summary>
    public Task NextAsync() => Volatile.Read(ref _next).Task;

    /// <summary>Rows that were just stored here: seen by lookups at once, on this server.</summary>
    public void Take(ServedState state, IEnumerable<PushedRow> rows)
    {
        foreach (var row in rows)
            Take(state, row);
        Interlocked.Exchange(ref _next, New()).TrySetResult();
    }

    /// <summary>Takes what has come since the last time, from whichever server.</summary>
    public async Task FollowAsync(ServedState state, CancellationToken ct)
    {
        // Overlays are filled when they are made, and there are none yet.
        while (state.Views.Count > 0)
        {
            var rows = await PushTable.ReadAsync(store, _position, PushTable.PageRows, ct);
            var now = clock.GetUtcNow();
            foreach (var row in rows)
            {
                Offer(state, row);
                if (_hasCaughtUp)
                    meter.PushLag.Record((now - row.PushedAt).TotalSeconds);
            }

            if (rows.Count > 0)
                _position = rows[^1].Position;
            _hasCaughtUp |= rows.Count < PushTable.PageRows;
            if (rows.Count < PushTable.PageRows)
                return;
        }
    }

    /// <summary>Fills the overlay of a version of a view with all that was pushed behind a position.</summary>
    public async Task FillAsync(NodeId view, FeatureDefinition definition, Overlay overlay, long after, CancellationToken ct)
    {
        await foreach (var row in PushTable.ReadAllAsync(store, view, after, ct))
            Offer(overlay, definition, row);
    }

    private void Take(ServedState state, PushedRow row)
    {
        var isNewest = Offer(state, row);
        if (state.FindView(row.View).Value is { } view)
            meter.PushedRows.Add(1, isNewest ? view.Labels.InTime : view.Labels.Late);
    }

    private static bool Offer(ServedState state, PushedRow row) =>
        state.FindView(row.View) is { Succeeded: true, Value: var view }
        && (row.Position <= (view.Active?.PushedThrough ?? 0) || Offer(view.Overlay, view.Definition, row));

    /// <returns>False where the overlay has a newer row of the key.</returns>
    private static bool Offer(Overlay overlay, FeatureDefinition definition, PushedRow row) =>
        // Extended just now: this server does not know the features yet, and looks again when it does.
        row.Features > definition.Features.Count || overlay.Offer(Fit(row, definition, overlay.Layout));

    /// <summary>The row in a layout of the version; packed anew where it is from before or after it was extended.</summary>
    public static byte[] Fit(PushedRow row, FeatureDefinition definition, RowLayout layout) => row.Features == layout.Slots.Count
        ? row.Row
        : RowRepacker.Repack(
            row.Row, RowLayout.Of(definition with { Features = [.. definition.Features.Take(row.Features)] }), layout);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
