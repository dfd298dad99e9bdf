using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Doors.Marquez;

/// <summary>
/// What Marquez (0.51) lets one read, where its web UI and clients look for it: jobs, runs and datasets, whether they were told in
/// OpenLineage or here. It only reads; what differs is in docs/marquez.md.
/// </summary>
internal static class MarquezDoor
{
    private const string Root = "/api/v1";
    private const string Beta = "/api/v2beta";

    public static void AddMarquez(this IServiceCollection services)
    {
        services.AddScoped<MarquezSight>();
        services.AddScoped<RunShapes>();
        services.AddScoped<JobShapes>();
        services.AddScoped<DatasetShapes>();
    }

    /// <summary>Whether clients of Marquez ask there; what is at none of its addresses is refused in its shape, too.</summary>
    public static bool IsAskedAt(PathString path) => path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments(Beta, StringComparison.OrdinalIgnoreCase);

    /// <summary>To be put behind routing and in front of authentication.</summary>
    public static void UseMarquezErrors(this IApplicationBuilder app) =>
        app.Use(next => http => MarquezAnswers.ShapeErrorsAsync(http, next));

    public static void MapMarquez(this IEndpointRouteBuilder routes)
    {
        var api = Group(routes, Root);
        NameRoutes.Map(api);
        JobRoutes.Map(api);
        DatasetRoutes.Map(api);
        LineageRoutes.Map(api);
        ColumnLineageRoutes.Map(api);
        EventRoutes.Map(api);
        NameRoutes.MapBeta(Group(routes, Beta));
    }

    private static RouteGroupBuilder Group(IEndpointRouteBuilder routes, string prefix)
    {
        var group = routes.MapGroup(prefix).WithMetadata(new MarquezRoute()).ExcludeFromDescription();
        group.AddEndpointFilter(MarquezAnswers.AdmitAsync);
        return group;
    }
}
