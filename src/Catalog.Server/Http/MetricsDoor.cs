using Catalog.Access;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Catalog.Server.Http;

/// <param name="AreOpen">Whether they are for whoever asks.</param>
internal sealed record MetricsOptions(bool AreOpen);

/// <summary>
/// <c>GET /metrics</c>: all that this server measures, as Prometheus reads it; and the same sent to an OpenTelemetry collector, where the
/// environment names one. Labels name services and views, so it takes a key.
/// </summary>
internal static class MetricsDoor
{
    private const string Address = "/metrics";

    /// <summary>Of the product, and of what it stands on.</summary>
    private static readonly string[] s_meters =
        ["Catalog.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql"];

    /// <summary>Where the environment says where to send metrics, as OpenTelemetry has it.</summary>
    private static readonly string[] s_collectors = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    public static void AddMetrics(this IServiceCollection services, MetricsOptions options, IConfiguration environment)
    {
        services.AddSingleton(options);
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("catalog", serviceVersion: Version))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(s_meters).AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
                if (Array.Exists(s_collectors, name => environment[name] is { Length: > 0 }))
                    metrics.AddOtlpExporter();
            });
    }

    public static bool IsAskedAt(PathString path) => path.StartsWithSegments(Address, StringComparison.OrdinalIgnoreCase);

    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapPrometheusScrapingEndpoint(Address, meterProvider: null, branch => branch.Use(AskAsync), optionsName: null)
            .ExcludeFromDescription();

    private static string Version => typeof(MetricsDoor).Assembly.GetName().Version?.ToString(3) ?? "";

    private static Task AskAsync(HttpContext http, RequestDelegate next)
    {
        var options = http.RequestServices.GetRequiredService<MetricsOptions>();
        var gate = http.RequestServices.GetRequiredService<Gate>();
        return !options.AreOpen && gate.Ask(Act.Read, resource: null).Refusal is { } no ? throw new ProblemException(no) : next(http);
    }
}
