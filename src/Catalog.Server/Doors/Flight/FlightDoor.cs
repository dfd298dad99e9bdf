using Catalog.Server.Hosting;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Catalog.Server.Doors.Flight;

/// <summary>Arrow Flight, on an address of its own: without TLS, gRPC and HTTP/1.1 cannot share one.</summary>
internal static class FlightDoor
{
    /// <summary>The name of Flight among the services of gRPC.</summary>
    public const string Service = "arrow.flight.protocol.FlightService";

    public static void AddFlight(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
            FlightTickets.Of(provider.GetRequiredService<DataFolder>(), provider.GetRequiredService<TimeProvider>()));
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = null;

            // Else gRPC would answer for every address of two parts that nobody else answers a POST to.
            grpc.IgnoreUnknownServices = true;
            grpc.Interceptors.Add<FlightErrors>();
        }).AddFlightServer<CatalogFlight>();
        services.AddScoped<FlightReads>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<FlightReads>, FlightReads.Methods>());
    }

    public static bool IsAskedAt(PathString path) => path.StartsWithSegments("/" + Service, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether an answer is the status of a call that failed, and nothing else: to HTTP that is a success.</summary>
    public static bool IsRefusal(HttpResponse response) =>
        response.Headers.TryGetValue("grpc-status", out var status) && status.ToString() is { Length: > 0 } and not "0";

    public static void MapFlight(this IEndpointRouteBuilder routes)
    {
        routes.MapFlightEndpoint();

        // The endpoint above has a method of the same address; this one goes before it.
        routes.MapGrpcService<FlightReads>().Add(method => (method as RouteEndpointBuilder)?.Order = -1);
    }
}
