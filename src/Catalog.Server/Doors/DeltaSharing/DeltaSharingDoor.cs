using Catalog.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// The REST interface of Delta Sharing (delta-io/delta-sharing, PROTOCOL.md), for pandas, Spark, BI tools: datasets are tables, and their
/// Parquet files are read by signed addresses. It translates; what is a table, and who may read it, is the product's. See
/// docs/delta-sharing.md.
/// </summary>
internal static class DeltaSharingDoor
{
    public const string Root = "/delta-sharing";

    /// <summary>Whether clients of Delta Sharing ask there; refusals are in its shape, too.</summary>
    public static bool IsAskedAt(PathString path) => path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);

    public static void MapDeltaSharing(this IEndpointRouteBuilder routes)
    {
        var door = routes.MapGroup(Root).ExcludeFromDescription();
        door.AddEndpointFilter(AdmitAsync);
        ShareRoutes.Map(door);
        TableRoutes.Map(door);
    }

    private static ValueTask<object?> AdmitAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.RequestServices.GetRequiredService<Gate>().Ask(Act.Read, resource: null).Refusal is { } no
            ? ValueTask.FromResult<object?>(new SharingRefusal(no))
            : next(context);
}
