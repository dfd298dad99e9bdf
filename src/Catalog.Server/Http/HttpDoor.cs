using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Access;
using Catalog.Lineage;
using Catalog.Lineage.Tables;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Catalog.Server.Doors.DeltaSharing;
using Catalog.Server.Doors.Feast;
using Catalog.Server.Doors.Flight;
using Catalog.Server.Doors.Lookup;
using Catalog.Server.Doors.Marquez;
using Catalog.Server.Doors.Online;
using Catalog.Server.Doors.OpenLineage;
using Catalog.Server.Hosting;
using Catalog.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Scalar.AspNetCore;

namespace Catalog.Server.Http;

/// <summary>Our own HTTP API: JSON, problems, authentication, health, and its description.</summary>
internal static class HttpDoor
{
    private const string NotWarm = "generations of features are still on their way into memory";

    public static void AddHttpDoor(this IServiceCollection services)
    {
        services.Configure<JsonOptions>(json => Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddApiDescription();
    }

    /// <summary>
    /// How JSON is read and written at the door: strict on the way in, so that a misspelt field is an error and not a surprise.
    /// </summary>
    internal static void Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
    }

    public static void UseHttpDoor(this WebApplication app)
    {
        app.UseMiddleware<ProblemMiddleware>();
        app.UseStatusCodePages(UnansweredAsync);
        app.Use(RefuseDotParts);
        app.UseRouting();
        app.UseMarquezErrors();
        app.UseMiddleware<AuthenticationMiddleware>();

        app.MapCatalog();
        app.MapOpenLineage();
        app.MapMarquez();
        app.MapDeltaSharing();
        app.MapFeast();
        app.MapFlight();
        app.MapLookup();
        ReadFeatures.Map(app);
        LocateFeatures.Map(app);
        app.MapSignedObjects();
        app.MapSignedFiles();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference("/docs", docs => docs.WithTitle("Catalog").WithOpenApiRoutePattern("/openapi/{documentName}.json"));
        app.MapGet("/", () => Results.Redirect("/docs")).ExcludeFromDescription();
    }

    private static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("ok")).ExcludeFromDescription();
        routes.MapGet("/readyz", AnswerReadyAsync).ExcludeFromDescription();
        routes.MapGet("/readyz/serving", AnswerServing).ExcludeFromDescription();
    }

    private static async Task<IResult> AnswerReadyAsync(
        Readiness readiness, ProjectionProgress progress, Standstill standstill, GraphFollower graph, TableLag tables,
        ObjectPlace objects, ServedViews served, CancellationToken ct)
    {
        if (!readiness.IsReady)
            return NotReady("starting");
        if (!served.IsWarm)
            return NotReady(NotWarm);
        try
        {
            // The end first: what is written between the two looks must not seem to be missing.
            var end = await progress.FindEndAsync(ct);
            if (standstill.IsSeen(await progress.ReachedAsync(ct), end))
                return NotReady("the pages do not follow the log: no server runs the projections, or one is stuck; see the servers' logs");
            string?[] lines = ["ready", Omitted(graph), await tables.TellAsync(end, ct), await objects.ComplainAsync(ct)];
            return Results.Text(string.Join('\n', lines.OfType<string>()));
        }
        catch (NpgsqlException)
        {
            return NotReady("the database does not answer");
        }
    }

    /// <summary>Whether features can be looked up here, which needs no database once they are in memory.</summary>
    private static IResult AnswerServing(Readiness readiness, ServedViews served, KeyRing keys, RemoteTiers tiers)
    {
        if (!readiness.IsReady)
            return NotReady("starting");
        if (!served.IsWarm)
            return NotReady(NotWarm);
        string?[] lines =
        [
            "ready",
            served.IsBehind ? $"the log was last seen {served.Age.TotalSeconds:0} s ago: answers are marked as stale" : null,
            keys.IsOnItsOwn ? "the database does not answer: keys go by what is known of them, for a while" : null,
            .. tiers.Health.Where(t => !t.IsAsked).Select(t => $"the tier {t.Tier} is not asked for a moment, because it fails"),
        ];
        return Results.Text(string.Join('\n', lines.OfType<string>()));
    }

    private static string? Omitted(GraphFollower graph) => graph.Omitted is > 0 and var facts
        ? $"lineage leaves out {facts} facts that this release cannot take in; see the servers' logs"
        : null;

    private static IResult NotReady(string why) => Results.Text(why, statusCode: StatusCodes.Status503ServiceUnavailable);

    private static Task RefuseDotParts(HttpContext http, RequestDelegate next) => RawPath.HasDotParts(http)
        ? Refusals.Of(http, Problem.Of("name.invalid", "'.' and '..' are not names.")).ExecuteAsync(http)
        : next(http);

    /// <summary>Answers that nobody wrote a body for: unknown routes, wrong methods.</summary>
    private static Task UnansweredAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        var problem = http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound =>
                Problem.Of("request.not_found", $"There is nothing at {http.Request.Method} {Shown(http.Request.Path)}; see /docs."),
            StatusCodes.Status405MethodNotAllowed =>
                Problem.Of("request.method_not_allowed", $"{http.Request.Method} does not go with this address; see /docs."),
            StatusCodes.Status415UnsupportedMediaType =>
                Problem.Of("request.unsupported_media_type", "The body must be JSON: send Content-Type: application/json."),
            StatusCodes.Status413PayloadTooLarge => Problem.Of("request.too_large", Faults.TooLarge),
            StatusCodes.Status400BadRequest => Problem.Of("request.malformed", "The request could not be read."),
            _ => null,
        };
        return problem is null ? Task.CompletedTask
            : MarquezDoor.IsAskedAt(http.Request.Path) ? MarquezAnswers.Of(problem).ExecuteAsync(http)
            : Refusals.Of(http, problem).ExecuteAsync(http);
    }

    private static string Shown(PathString path) => path.Value is { Length: > 200 } lengthy ? lengthy[..200] + "…" : path.Value ?? "/";
}
