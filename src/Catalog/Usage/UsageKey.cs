using System.Runtime.InteropServices;

namespace Catalog.Usage;

/// <summary>How data left.</summary>
public enum UsageWay
{
    /// <summary>Files through the catalog, whole or in ranges.</summary>
    Content = 1,

    /// <summary>Columns over HTTP.</summary>
    Columns,

    /// <summary>Columns over Arrow Flight.</summary>
    Flight,

    /// <summary>Files under signed addresses: all their bytes are counted when the address is given out.</summary>
    Signed,

    /// <summary>Files under signed addresses that a Delta Sharing client asked for.</summary>
    Sharing,

    /// <summary>Rows and events that went into a training set.</summary>
    TrainingSet,

    /// <summary>Events that went into a generation of features.</summary>
    Materialization,
}

/// <summary>What reads are counted under. A reading that lasts past midnight (UTC) is counted on both days.</summary>
/// <param name="Day">In UTC.</param>
/// <param name="Stream">Of the dataset or model.</param>
/// <param name="Version">That was read.</param>
/// <param name="Principal">Who read it.</param>
/// <param name="Purpose">Declared; empty where none was.</param>
/// <param name="Run">That it was read for; empty where none was declared.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct UsageKey(
    DateOnly Day, string Stream, long Version, string Principal, string Purpose, string Run, UsageWay Way);

/// <param name="LastAt">When the last byte or request was counted.</param>
internal sealed record UsageCount(UsageKey Key, long Requests, long Bytes, DateTimeOffset LastAt);
