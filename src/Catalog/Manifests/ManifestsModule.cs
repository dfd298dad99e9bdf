using Microsoft.AspNetCore.Routing;

namespace Catalog.Manifests;

/// <summary>Files of versions, of datasets and models alike: what there is to call.</summary>
internal static class ManifestsModule
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        UploadObject.Map(routes);
        ListFiles.Map(routes);
        SignFiles.Map(routes);
        ReadContent.Map(routes);
        VerifyVersion.Map(routes);
    }
}
