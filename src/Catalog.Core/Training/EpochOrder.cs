using System.Runtime.InteropServices;

namespace Catalog.Training;

/// <summary>Rows of one row group that stand next to each other in a lane.</summary>
/// <param name="Unit">The row group's place in the version.</param>
/// <param name="From">The first of its rows, among those that match the filter.</param>
/// <param name="Rows">How many.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WindowPart(int Unit, int From, int Rows);

/// <summary>Rows of a lane that are shuffled together.</summary>
/// <param name="Lane">Which lane, from 0.</param>
/// <param name="Number">Within the lane, from 0.</param>
/// <param name="From">The place in the lane of its first row.</param>
/// <param name="Rows">How many.</param>
/// <param name="Parts">Where they are.</param>
public sealed record OrderWindow(int Lane, int Number, long From, int Rows, IReadOnlyList<WindowPart> Parts);

/// <summary>
/// The order of one epoch: a permutation of the rows that match, known without reading one. Row groups are permuted; the rows of all of
/// them, one after the other, are cut into lanes of equal size; the rows of a lane are shuffled within windows of several row groups. The
/// row at position <c>p</c> is the next one of lane <c>p mod lanes</c>.
/// </summary>
public sealed class EpochOrder
{
    private readonly OrderKey _key;
    private readonly IReadOnlyList<OrderWindow>[] _lanes;

    /// <param name="key">What the order belongs to.</param>
    /// <param name="unitRows">How many rows of each row group match, in the order of the version.</param>
    /// <param name="epoch">From 0.</param>
    public EpochOrder(OrderKey key, IReadOnlyList<int> unitRows, int epoch)
    {
        (_key, Epoch) = (key, epoch);
        foreach (var rows in unitRows)
            Rows += rows;
        int[] units = [.. Enumerable.Range(0, unitRows.Count).Where(u => unitRows[u] > 0)];
        if (_key.IsShuffled)
            key.Numbers(epoch, lane: -1, window: 0).Shuffle(units);
        _lanes = Cut(units, unitRows);
    }

    public int Epoch { get; }

    /// <summary>How many rows an epoch has.</summary>
    public long Rows { get; }

    public int Lanes => _key.Shape.Lanes;

    /// <summary>In the order of their rows.</summary>
    public IReadOnlyList<OrderWindow> WindowsOf(int lane) => _lanes[lane];

    /// <summary>The window that a place of a lane is in.</summary>
    public int WindowAt(int lane, long place)
    {
        var (low, high) = (0, _lanes[lane].Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _lanes[lane][middle].From <= place ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>For each place of a window, which of its rows comes there, counted through its parts.</summary>
    public int[] RowsOf(OrderWindow window)
    {
        var rows = new int[window.Rows];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = i;
        if (_key.IsShuffled)
            _key.Numbers(Epoch, window.Lane, window.Number).Shuffle(rows);
        return rows;
    }

    private List<OrderWindow>[] Cut(int[] units, IReadOnlyList<int> unitRows)
    {
        var lanes = new List<OrderWindow>[Lanes];
        var (at, from) = (0, 0);
        for (var lane = 0; lane < Lanes; lane++)
        {
            var left = (Rows / Lanes) + (lane < Rows % Lanes ? 1 : 0);
            var windows = new WindowCut(lane, _key.Shape);
            while (left > 0)
            {
                var part = new WindowPart(units[at], from, (int)Math.Min(left, unitRows[units[at]] - from));
                windows.Add(part);
                left -= part.Rows;
                from += part.Rows;
                if (from == unitRows[units[at]])
                    (at, from) = (at + 1, 0);
            }

            lanes[lane] = windows.End();
        }

        return lanes;
    }

    /// <summary>
    /// Gathers the parts of a lane into windows. The first window of each lane is cut at another place, so that lanes do not all need their
    /// next window at once.
    /// </summary>
    private sealed class WindowCut(int lane, OrderShape shape)
    {
        private readonly List<OrderWindow> _windows = [];
        private List<WindowPart> _parts = [];
        private long _most = Math.Max(1, (long)shape.WindowRows * (lane + 1) / shape.Lanes);
        private long _from;
        private int _rows;

        public void Add(WindowPart part)
        {
            if (_rows > 0 && (_rows + (long)part.Rows > _most))
                Close();
            _parts.Add(part);
            _rows += part.Rows;
        }

        public List<OrderWindow> End()
        {
            if (_rows > 0)
                Close();
            return _windows;
        }

        private void Close()
        {
            _windows.Add(new(lane, _windows.Count, _from, _rows, _parts));
            (_parts, _from, _rows, _most) = ([], _from + _rows, 0, shape.WindowRows);
        }
    }
}
