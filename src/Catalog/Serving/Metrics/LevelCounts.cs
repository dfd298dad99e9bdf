using System.Runtime.InteropServices;
using Catalog.Features;

namespace Catalog.Serving.Metrics;

/// <summary>Lookups of a service that count for what it promises.</summary>
/// <param name="InTime">Answered, within the latency target where there is one.</param>
/// <param name="Slow">Answered later than that.</param>
/// <param name="Failed">Not answered, and not for want of right keys or a caller who waits.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LevelCounts(long InTime, long Slow, long Failed)
{
    public static LevelCounts operator -(LevelCounts now, LevelCounts then) =>
        new(now.InTime - then.InTime, now.Slow - then.Slow, now.Failed - then.Failed);

    public long KeptOf(ServiceObjective objective) => objective == ServiceObjective.Availability ? InTime + Slow : InTime;

    public long MissedOf(ServiceObjective objective) => objective == ServiceObjective.Availability ? Failed : Slow;
}
