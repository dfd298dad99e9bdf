using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>Datasets: what there is to call.</summary>
internal static class DatasetsModule
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        RegisterDataset.Map(routes);
        ListDatasets.Map(routes);
        ShowDataset.Map(routes);
        DescribeDataset.Map(routes);
        TagDataset.Map(routes);
        DeclareCompatibility.Map(routes);
        CommitVersion.Map(routes);
        ListVersions.Map(routes);
        ShowVersion.Map(routes);
        SealVersion.Map(routes);
        AliasVersion.Map(routes);
        RetireDataset.Map(routes);
    }
}
