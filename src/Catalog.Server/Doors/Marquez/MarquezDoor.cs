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
    public static void AddMarquez(this IServiceCollection services)
    {
        services.AddSingleton<RunShapes>();
        services.AddSingleton<JobShapes>();
        services.AddSingleton<DatasetShapes>();
    }

    /// <summary>To be put behind routing and in front of authentication.</summary>
    public static void UseMarquezErrors(this IApplicationBuilder app) =>
        app.Use(next => http => MarquezAnswers.ShapeErrorsAsync(http, next));

    public static void MapMarquez(this IEndpointRouteBuilder routes)
    {
        var api = Group(routes, "/api/v1");
        NameRoutes.Map(api);
        JobRoutes.Map(api);
        DatasetRoutes.Map(api);
        LineageRoutes.Map(api);
        ColumnLineageRoutes.Map(api);
        EventRoutes.Map(api);
        NameRoutes.MapBeta(Group(routes, "/api/v2beta"));
    }

    private static RouteGroupBuilder Group(IEndpointRouteBuilder routes, string prefix)
    {
        var group = routes.MapGroup(prefix).WithMetadata(new MarquezRoute()).ExcludeFromDescription();
        group.AddEndpointFilter(MarquezAnswers.AdmitAsync);
        return group;
    }
}
