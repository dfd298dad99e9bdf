using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Writes;

namespace Catalog.Tiering;

internal static class TieringFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<Dataset, TiersDeclared>("dataset_tiers_declared")
        .Fact<Dataset, TiersWithdrawn>("dataset_tiers_withdrawn")
        .Fact<CatalogState, NamespaceTiersDeclared>("namespace_tiers_declared")
        .Fact<CatalogState, NamespaceTiersWithdrawn>("namespace_tiers_withdrawn")
        .Fact<CatalogState, PricesDeclared>("prices_declared")
        .Fact<CatalogState, TiersApplied>("tiers_applied");
}
