using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.IntegrationTests.Http;

/// <summary>A well-formed request for every route of the server, made from the route itself: a new route needs nothing here.</summary>
internal sealed record SampleRequest(string Method, string Path, string? Body)
{
    public override string ToString() => $"{Method} {Path}";

    public HttpContent? Content => Body is null ? null : new StringContent(Body, Encoding.UTF8, "application/json");

    /// <summary>All routes under <c>/v1</c>.</summary>
    public static IReadOnlyList<SampleRequest> All(IServiceProvider server) =>
    [
        .. server.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().Distinct()
            .Where(e => e.RoutePattern.RawText?.StartsWith("/v1", StringComparison.Ordinal) == true)
            .SelectMany(e => Methods(e).Select(method => new SampleRequest(method, PathOf(e.RoutePattern), BodyOf(e)))),
    ];

    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];

    private static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(s => string.Concat(s.Parts.Select(PartOf))));

    private static string PartOf(RoutePatternPart part) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternParameterPart { ParameterPolicies: [{ Content: "guid" }, ..] } => Guid.CreateVersion7().ToString(),
        RoutePatternParameterPart { Name: "version" } => "1",
        _ => "sample",
    };

    private static string? BodyOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is { RequestType: { } type } && type != typeof(Stream) ? Value(type, "").ToJsonString() : null;

    /// <summary>A value of the type, with its required fields only.</summary>
    private static JsonNode Value(Type type, string name) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(string) => JsonValue.Create(name == "Version" ? "1" : "sample"),
        var t when t == typeof(Guid) => JsonValue.Create(Guid.CreateVersion7()),
        var t when t == typeof(NodeId) => JsonValue.Create("dataset:sample/sample"),
        var t when t == typeof(bool) => JsonValue.Create(false),
        var t when t == typeof(DateTimeOffset) => JsonValue.Create(TimeProvider.System.GetUtcNow()),
        var t when t.IsEnum => JsonValue.Create(JsonNamingPolicy.CamelCase.ConvertName(Enum.GetNames(t)[0])),
        var t when t.IsPrimitive => JsonValue.Create(1),
        var t when Map(t) is not null => new JsonObject { ["sample"] = "1" },
        var t when Element(t) is { } element => new JsonArray(Value(element, name)),
        var t => Fields(t),
    };

    private static JsonObject Fields(Type type)
    {
        var fields = new JsonObject();
        var parameters = type.GetConstructors(BindingFlags.Public | BindingFlags.Instance).MaxBy(c => c.GetParameters().Length)?.GetParameters() ?? [];
        foreach (var parameter in parameters.Where(p => !p.HasDefaultValue || p.Name is "Files" or "Path" or "Sha256"))
        {
            fields[JsonNamingPolicy.CamelCase.ConvertName(parameter.Name ?? "")] =
                parameter.Name == "Sha256" ? new string('0', 64) : Value(parameter.ParameterType, parameter.Name ?? "");
        }

        return fields;
    }

    private static Type? Map(Type type) => Generic(type, typeof(IReadOnlyDictionary<,>));

    private static Type? Element(Type type) => Generic(type, typeof(IReadOnlyList<>))?.GetGenericArguments()[0];

    private static Type? Generic(Type type, Type definition) =>
        type.GetInterfaces().Append(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == definition);
}
