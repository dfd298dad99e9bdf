using System.Collections.Immutable;
using Catalog.Platform.Writes;
using Catalog.Tiering;
using Catalog.Tiers;

namespace Catalog.Platform;

/// <summary>The catalog began: the first fact of the log.</summary>
/// <param name="CatalogId">Identifies this catalog wherever its backups go.</param>
public sealed record CatalogCreated(Guid CatalogId);

/// <summary>The catalog was restored from a backup: what came after the backup's position elsewhere is not here.</summary>
/// <param name="BackupId">Of the backup restored.</param>
/// <param name="BackupPosition">The log position that the backup holds.</param>
/// <param name="TakenAt">When the backup was taken.</param>
/// <param name="MissingObjects">Objects of the backup's inventory that were not in the object store at restore.</param>
public sealed record CatalogRestored(Guid BackupId, long BackupPosition, DateTimeOffset TakenAt, long MissingObjects);

/// <summary>What is known of the catalog itself.</summary>
public sealed record CatalogState : IState<CatalogState>
{
    /// <summary>The one stream that is no node: the catalog's own.</summary>
    public const string Stream = "catalog";

    internal static readonly ImmutableSortedDictionary<string, TierPolicy> NoTiers =
        ImmutableSortedDictionary.Create<string, TierPolicy>(StringComparer.Ordinal);

    static int IState<CatalogState>.FoldRevision => 2;

    public string Id { get; init; } = Stream;

    public required Guid CatalogId { get; init; }

    /// <summary>Backups this catalog came from, oldest first.</summary>
    public IReadOnlyList<Guid> RestoredFrom { get; init; } = [];

    /// <summary>Tier policies, by namespace.</summary>
    public ImmutableSortedDictionary<string, TierPolicy> NamespaceTiers { get; init; } = NoTiers;

    /// <summary>What the tiers cost; null until somebody declared it.</summary>
    public PriceTable? Prices { get; init; }

    /// <summary>The tier plan that was applied last.</summary>
    public Guid? TierPlan { get; init; }

    public static CatalogState? Fold(CatalogState? state, object fact) => (state, fact) switch
    {
        (null, CatalogCreated f) => new CatalogState { CatalogId = f.CatalogId },
        (not null, CatalogRestored f) => state with { RestoredFrom = [.. state.RestoredFrom, f.BackupId] },
        (not null, NamespaceTiersDeclared f) => state with { NamespaceTiers = state.NamespaceTiers.SetItem(f.Namespace, f.Policy) },
        (not null, NamespaceTiersWithdrawn f) => state with { NamespaceTiers = state.NamespaceTiers.Remove(f.Namespace) },
        (not null, PricesDeclared f) => state with { Prices = f.Prices },
        (not null, TiersApplied f) => state with { TierPlan = f.Plan },
        _ => state,
    };
}

internal static class PlatformFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<CatalogState, CatalogCreated>("catalog_created")
        .Fact<CatalogState, CatalogRestored>("catalog_restored");
}
