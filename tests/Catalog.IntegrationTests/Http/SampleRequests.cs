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

    /// <summary>All routes under <c>/v1</c>, with the fields they need.</summary>
    public static IReadOnlyList<SampleRequest> All(IServiceProvider server) => All(server, e => [BodyOf(e)]);

    /// <summary>Requests in which each text, in turn, is another.</summary>
    public static IReadOnlyList<SampleRequest> WithEachText(IServiceProvider server, string escaped) =>
        All(server, e => TextsOf(e, escaped));

    /// <summary>Requests in which each list and each map, in turn, holds null.</summary>
    public static IReadOnlyList<SampleRequest> WithNulls(IServiceProvider server) => All(server, NullsOf);

    private static IReadOnlyList<SampleRequest> All(IServiceProvider server, Func<RouteEndpoint, IEnumerable<string?>> bodies) =>
    [
        .. server.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().Distinct()
            .Where(e => e.RoutePattern.RawText?.StartsWith("/v1", StringComparison.Ordinal) == true)
            .SelectMany(e => Methods(e)
                .SelectMany(method => bodies(e).Select(body => new SampleRequest(method, PathOf(e.RoutePattern), body)))),
    ];

    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];

    private static string PathOf(RoutePattern pattern) =>
        "/" + string.Join('/', pattern.PathSegments.Select(s => string.Concat(s.Parts.Select(PartOf))));

    private static string PartOf(RoutePatternPart part) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternParameterPart { ParameterPolicies: [{ Content: "guid" }, ..] } => Guid.CreateVersion7().ToString(),
        RoutePatternParameterPart { Name: "version" } => "1",
        _ => "sample",
    };

    private static string? BodyOf(RouteEndpoint endpoint) => TypeOf(endpoint) is { } type ? Value(type, "").ToJsonString() : null;

    private static Type? TypeOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is { RequestType: { } type } && type != typeof(Stream) ? type : null;

    /// <summary>The needed fields and one field more, a text of which is the one given, written as JSON escapes.</summary>
    private static IEnumerable<string> TextsOf(RouteEndpoint endpoint, string escaped)
    {
        if (TypeOf(endpoint) is not { } type)
            yield break;
        foreach (var field in Fields(type, all: true).Select(f => f.Key).ToList())
        {
            var texts = Count(Fields(type, all: true)[field]);
            for (var nth = 0; nth < texts; nth++)
            {
                var body = Fields(type, all: false);
                var left = nth;
                body[field] = Marked(Fields(type, all: true)[field], ref left);
                yield return body.ToJsonString().Replace(Mark, escaped, StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<string> NullsOf(RouteEndpoint endpoint)
    {
        if (TypeOf(endpoint) is not { } type)
            yield break;
        foreach (var (field, value) in Fields(type, all: true))
        {
            if (value is not JsonArray && value is not JsonObject { Count: 1 })
                continue;
            var body = Fields(type, all: false);
            body[field] = value is JsonArray ? new JsonArray((JsonNode?)null) : new JsonObject { ["sample"] = null };
            yield return body.ToJsonString();
        }
    }

    private const string Mark = "MARKED";

    private static int Count(JsonNode? node) => node switch
    {
        JsonObject map => map.Sum(f => Count(f.Value)) + map.Count(f => f.Key == "sample"),
        JsonArray list => list.Sum(Count),
        JsonValue value => value.GetValueKind() == JsonValueKind.String ? 1 : 0,
        _ => 0,
    };

    // The keys of maps are texts, too.
    private static JsonNode? Marked(JsonNode? node, ref int left)
    {
        switch (node)
        {
            case JsonObject map:
                var copy = new JsonObject();
                foreach (var (key, value) in map)
                {
                    var name = key == "sample" && left-- == 0 ? Mark : key;
                    copy[name] = Marked(value, ref left);
                }

                return copy;
            case JsonArray list:
                var items = new JsonArray();
                foreach (var item in list)
                    items.Add(Marked(item, ref left));
                return items;
            case JsonValue text when text.GetValueKind() == JsonValueKind.String:
                return left-- == 0 ? JsonValue.Create(Mark) : text.DeepClone();
            default:
                return node?.DeepClone();
        }
    }

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
        var t => Fields(t, all: false),
    };

    private static JsonObject Fields(Type type, bool all)
    {
        var fields = new JsonObject();
        var parameters = type.GetConstructors(BindingFlags.Public | BindingFlags.Instance)
            .MaxBy(c => c.GetParameters().Length)?.GetParameters() ?? [];
        foreach (var parameter in parameters.Where(p =>
            all || !p.HasDefaultValue || type.Name == "Datasheet" || p.Name is "Files" or "Path" or "Sha256"))
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
