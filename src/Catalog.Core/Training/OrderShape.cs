using System.Numerics;
using System.Runtime.InteropServices;

namespace Catalog.Training;

/// <summary>How rows are laid out: part of the order.</summary>
/// <param name="Lanes">A power of two: streams of rows that are read side by side, row by row in turns.</param>
/// <param name="WindowRows">How many rows of a lane are shuffled together, unless a single row group has more.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OrderShape(int Lanes, int WindowRows)
{
    public const int MaxLanes = 256;
    public const int MaxWindowRows = 1 << 26;
    private const int UsualLanes = 32;
    private const int RowGroupsALane = 4;
    private const long WindowBytes = 128L << 20;
    private const int UsualWindowRows = 1 << 20;

    /// <summary>One row group after the other, as they are.</summary>
    public static OrderShape InOrder { get; } = new(1, 1);

    /// <summary>
    /// Fits the windows of all lanes together into about 128 MiB, and gives each lane four row groups at least; so it depends on the files
    /// alone. Of rows that take little there are a million, or those of four row groups.
    /// </summary>
    /// <param name="rowGroups">How many there are.</param>
    /// <param name="rows">In all of them.</param>
    /// <param name="bytes">Uncompressed, in all of them.</param>
    /// <param name="lanes">As was asked for; null to choose.</param>
    /// <param name="windowRows">As was asked for; null to choose.</param>
    public static OrderShape Of(long rowGroups, long rows, long bytes, int? lanes = null, int? windowRows = null)
    {
        var groupBytes = Math.Max(1, bytes / Math.Max(1, rowGroups));
        var most = Math.Min(UsualLanes, Math.Min(rowGroups / RowGroupsALane, WindowBytes / groupBytes));
        var chosen = lanes ?? 1 << BitOperations.Log2((uint)Math.Max(1, most));
        var rowBytes = Math.Max(1, bytes / Math.Max(1, rows));
        var enough = Math.Max(UsualWindowRows, RowGroupsALane * rows / Math.Max(1, rowGroups));
        return new(chosen, windowRows ?? (int)Math.Clamp(Math.Min(enough, WindowBytes / rowBytes) / chosen, 1, MaxWindowRows));
    }
}
