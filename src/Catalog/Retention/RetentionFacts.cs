using Catalog.Datasets;
using Catalog.Platform.Writes;

namespace Catalog.Retention;

/// <summary>
/// A version's files and statistics are not kept any more: nobody reads them from here on. That it was there, its hashes, what it was made
/// of and what was made of it stay known.
/// </summary>
/// <param name="Number">Of the version.</param>
/// <param name="Cause">Why.</param>
/// <param name="Successor">The version that has what is left of it; null where there is none.</param>
/// <param name="Erasure">That asked for it; null where its time was over.</param>
public sealed record VersionTombstoned(long Number, TombstoneCause Cause, long? Successor, Guid? Erasure);

/// <summary>Why a version is not kept any more.</summary>
public enum TombstoneCause
{
    /// <summary>Its time was over, by the retention of its dataset.</summary>
    Retention,

    /// <summary>It held rows of a subject whose data was erased.</summary>
    Erasure,
}

internal static class RetentionFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<Dataset, RetentionDeclared>("dataset_retention_declared")
        .Fact<Dataset, RetentionWithdrawn>("dataset_retention_withdrawn")
        .Fact<Dataset, HoldPlaced>("dataset_hold_placed")
        .Fact<Dataset, HoldReleased>("dataset_hold_released")
        .Fact<Dataset, VersionTombstoned>("dataset_version_tombstoned");
}
