using Catalog.Server.Hosting;
using Catalog.Serving;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// Feast's online serving, as its own feature server has it over HTTP, and its clients expect it. It translates; what is served, and to
/// whom, is the product's. See docs/serving-doors.md.
/// </summary>
internal static class FeastDoor
{
    private const string Read = "/get-online-features";
    private const string Push = "/push";
    private const string Write = "/write-to-online-store";
    private const string Materialize = "/materialize";
    private const string MaterializeIncremental = "/materialize-incremental";

    private static readonly PathString[] s_guarded = [Read, Push, Write, Materialize, MaterializeIncremental];

    public static void AddFeast(this IServiceCollection services)
    {
        services.AddSingleton<FeastReads>();
        services.AddSingleton<FeastGrpcPlans>();
        services.AddScoped<FeastServing>();
        services.AddScoped<FeastPushes>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<FeastServing>, FeastServing.Methods>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<FeastPushes>, FeastPushes.Methods>());
    }

    /// <summary>Whether clients of Feast ask there, with a key; refusals are in its shape, too.</summary>
    public static bool IsAskedAt(PathString path) =>
        Array.Exists(s_guarded, guarded => path.StartsWithSegments(guarded, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it is a call of gRPC.</summary>
    public static bool IsCalledAt(PathString path) =>
        path.StartsWithSegments("/" + FeastServing.Service, StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/" + FeastServing.Server, StringComparison.OrdinalIgnoreCase);

    public static void MapFeast(this IEndpointRouteBuilder routes)
    {
        var door = routes.MapGroup("").ExcludeFromDescription();
        door.MapPost(Read, (HttpContext http, FeastReads reads, OnlineFeatures online) => reads.AnswerAsync(http, online));
        door.MapPost(Push, FeastWrites.PushAsync);
        door.MapPost(Write, FeastWrites.WriteAsync);
        door.MapPost(Materialize, FeastMaterialize.AnswerAsync);
        door.MapPost(MaterializeIncremental, FeastMaterialize.AnswerAsync);
        door.MapGet("/health", (Readiness readiness) => Results.StatusCode(
            readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable));
        routes.MapGrpcService<FeastServing>();
        routes.MapGrpcService<FeastPushes>();
    }
}
