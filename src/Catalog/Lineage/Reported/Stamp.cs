using System.Buffers.Binary;
using Catalog.Lineage.OpenLineage;

namespace Catalog.Lineage.Reported;

/// <summary>
/// Orders what events say by something that does not depend on when they came: their time, and where two have the same, their hash. Bytes
/// that compare as the statements do, in .NET and in PostgreSQL alike.
/// </summary>
internal static class Stamp
{
    private const int HashBytes = 8;

    /// <summary>What a thing says of itself counts for more than what others mention.</summary>
    public static byte[] Of(DateTimeOffset time, ReadOnlySpan<byte> hash, bool mentioned = false)
    {
        var stamp = new byte[1 + sizeof(long) + HashBytes];
        stamp[0] = (byte)(mentioned ? 0 : 1);
        BinaryPrimitives.WriteInt64BigEndian(stamp.AsSpan(1), time.UtcTicks);
        hash[..HashBytes].CopyTo(stamp.AsSpan(1 + sizeof(long)));
        return stamp;
    }

    /// <summary>
    /// The state of a run: an end counts for more than a beginning, and OTHER, which may come at any time, for less; then the later, and of
    /// two ends at one time the worse, as in the graph (<c>RunHistory</c>).
    /// </summary>
    public static byte[] Of(OpenLineageState state, DateTimeOffset time)
    {
        var stamp = new byte[1 + sizeof(long) + 1];
        stamp[0] = (byte)(IsEnd(state) ? 2 : state is OpenLineageState.Other ? 0 : 1);
        BinaryPrimitives.WriteInt64BigEndian(stamp.AsSpan(1), time.UtcTicks);
        stamp[^1] = (byte)state;
        return stamp;
    }

    public static bool IsEnd(OpenLineageState state) =>
        state is OpenLineageState.Complete or OpenLineageState.Abort or OpenLineageState.Fail;
}
