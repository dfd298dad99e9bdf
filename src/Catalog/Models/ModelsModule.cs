using Microsoft.AspNetCore.Routing;

namespace Catalog.Models;

/// <summary>Models, their versions and deployments: what there is to call.</summary>
internal static class ModelsModule
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        RegisterModel.Map(routes);
        ListModels.Map(routes);
        ShowModel.Map(routes);
        CreateModelVersion.Map(routes);
        ListModelVersions.Map(routes);
        ShowModelVersion.Map(routes);
        AliasModelVersion.Map(routes);
        NameFeatureService.Map(routes);
        DeployModel.Map(routes);
        RetireModel.Map(routes);
    }
}
