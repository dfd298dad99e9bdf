using Catalog.Lineage.Reported;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Lineage;

/// <summary>The questions about lineage.</summary>
internal static class LineageModule
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        TraceLineage.Map(routes);
        FindPath.Map(routes);
        AssessImpact.Map(routes);
        CompareLineage.Map(routes);
        ExplainEdge.Map(routes);
        ShowReported.Map(routes);
    }
}
