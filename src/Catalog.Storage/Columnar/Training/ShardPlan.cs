using Catalog.Training;

namespace Catalog.Storage.Columnar;

/// <summary>A window, and which of its rows a shard reads: those at every <paramref name="Step"/>-th place.</summary>
/// <param name="Stream">Which of the shard's streams the rows belong to.</param>
/// <param name="FirstRow">The shard's row that comes first of them.</param>
/// <param name="Window">The window, of one lane.</param>
/// <param name="First">The first place within the window.</param>
/// <param name="Step">From one place to the next.</param>
/// <param name="Count">How many rows.</param>
internal sealed record WindowTurn(int Stream, long FirstRow, OrderWindow Window, int First, int Step, int Count);

/// <summary>
/// What a shard reads, and in which order. Its rows come from one lane after the other in turns: row <c>i</c> from stream <c>i</c> mod the
/// number of streams, and a stream keeps to one lane. Where the number of shards divides that of lanes, or is a multiple of it, a shard
/// has no lane in common with others except those that read other rows of the same one.
/// </summary>
internal sealed class ShardPlan
{
    public ShardPlan(EpochOrder order, Deal deal)
    {
        var common = (int)System.Numerics.BigInteger.GreatestCommonDivisor(deal.Shards, order.Lanes);
        Streams = order.Lanes / common;
        Own = deal.OwnCount;
        Rows = deal.Count;
        var step = deal.Shards / common;
        var turns = new List<WindowTurn>();
        for (var stream = 0; stream < Streams && stream < Own; stream++)
            turns.AddRange(TurnsOf(order, deal.PositionOf(stream), stream, step));
        turns.Sort((a, b) => a.FirstRow.CompareTo(b.FirstRow));
        if (Rows > Own)
            turns.Add(Repeated(order, deal.PositionOf(Own)));
        Turns = turns;
    }

    /// <summary>How many lanes the shard reads.</summary>
    public int Streams { get; }

    /// <summary>How many rows come from the streams; a row that is repeated to make shards equal comes behind them.</summary>
    public long Own { get; }

    public long Rows { get; }

    /// <summary>In the order in which they are needed.</summary>
    public IReadOnlyList<WindowTurn> Turns { get; }

    private IEnumerable<WindowTurn> TurnsOf(EpochOrder order, long position, int stream, int step)
    {
        var (lane, place) = ((int)(position % order.Lanes), position / order.Lanes);
        var left = (Own - stream + Streams - 1) / Streams;
        var row = (long)stream;
        var windows = order.WindowsOf(lane);
        for (var w = order.WindowAt(lane, place); left > 0; w++)
        {
            var first = place - windows[w].From;
            if (first >= windows[w].Rows)
                continue;
            var count = (int)Math.Min(left, (windows[w].Rows - first + step - 1) / step);
            yield return new(stream, row, windows[w], (int)first, step, count);
            left -= count;
            place += (long)count * step;
            row += (long)count * Streams;
        }
    }

    private WindowTurn Repeated(EpochOrder order, long position)
    {
        var (lane, place) = ((int)(position % order.Lanes), position / order.Lanes);
        var window = order.WindowsOf(lane)[order.WindowAt(lane, place)];
        return new(Streams, Own, window, (int)(place - window.From), Step: 1, Count: 1);
    }
}
