using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Catalog.IntegrationTests.Serving;
using Catalog.Platform.Http;
using Catalog.Server.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Catalog.IntegrationTests.Http;

public sealed partial class OpenApiTests(ServerFixture server)
{
    [Fact]
    public async Task The_description_is_the_one_that_was_reviewed()
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        var description = (await stranger.GetAsync("/openapi/v1.json")).Expect(200);
        await Repository.MatchesGoldenAsync("schemas/http/openapi.json", description.Bytes);
    }

    [Fact]
    public async Task Every_route_is_described_under_a_name_of_its_own()
    {
        var api = await server.ApiAsync();
        var paths = (await api.GetAsync("/openapi/v1.json")).Expect(200)["paths"];
        var operations = paths.EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(o => (Path: p.Name, Method: o.Name, o.Value))).ToList();

        Assert.Equal(
            SampleRequest.All(server.Server.Services).Count, operations.Count(o => o.Path.StartsWith("/v1/", StringComparison.Ordinal)));
        Assert.All(operations, o =>
            Assert.False(string.IsNullOrWhiteSpace(o.Value.GetProperty("summary").GetString()), $"{o.Method} {o.Path}"));
        Assert.Equal(operations.Count, operations.Select(o => o.Value.GetProperty("operationId").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task The_description_is_well_formed()
    {
        var api = await server.ApiAsync();
        var read = OpenApiDocument.Parse((await api.GetAsync("/openapi/v1.json")).Expect(200).Text, "json");

        Assert.Empty(read.Diagnostic?.Errors.Select(e => $"{e.Pointer}: {e.Message}") ?? []);
        Assert.NotEmpty(read.Document?.Paths ?? []);
    }

    [Fact]
    public async Task Every_part_of_an_address_that_is_left_open_is_declared()
    {
        foreach (var (path, method, operation) in await OperationsAsync())
        {
            var declared = Parameters(operation).Where(p => p.Place == "path").ToList();
            Assert.Equal(Holes().Matches(path).Select(m => m.Groups[1].Value).Order(), declared.Select(p => p.Name).Order());
            Assert.All(declared, p => Assert.True(p.Required, $"{method} {path}: {p.Name}"));
        }
    }

    [Fact]
    public async Task Every_parameter_that_a_route_reads_is_declared()
    {
        var operations = (await OperationsAsync()).ToDictionary(
            o => o.Operation.GetProperty("operationId").GetString() ?? "", o => Parameters(o.Operation));
        foreach (var endpoint in Endpoints())
        {
            var name = endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "";
            var declared = operations[name].Where(p => p.Place != "path").Select(p => p.Name).ToList();
            var read = endpoint.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [];

            Assert.Empty(read.SelectMany(NamesOf).Append("Catalog-Purpose").Except(declared));
            Assert.Equal(declared.Distinct(), declared);
        }

        Assert.Equal(
            [
                "Catalog-Purpose", "asOf", "at", "atLeast", "depth", "direction", "format", "granularity", "kind",
                "limit", "namespace", "node", "tag",
            ],
            operations["TraceLineage"].Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Contains(operations["ReadContent"], p => p.Name == "Range");
        Assert.Equal(
            ["ReadArtifact", "ReadColumns", "ReadContent", "SignArtifacts", "SignFiles"],
            operations.Where(o => o.Value.Any(p => p.Name == "Catalog-Run")).Select(o => o.Key).Order(StringComparer.Ordinal));
        Assert.True(operations["TraceLineage"].Single(p => p.Name == "node").Required);
        Assert.False(operations["ListRuns"].Single(p => p.Name == "job").Required);

        static IEnumerable<string> NamesOf(ParameterInfo parameter) => parameter.ParameterType switch
        {
            var type when type == typeof(PageRequest) => ["limit", "after", "atLeast"],
            var type when type == typeof(IfMatch) => ["If-Match"],
            var type when type == typeof(QueryNode) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(QueryEnum<>)) =>
                [parameter.Name ?? ""],
            _ => [],
        };
    }

    [Fact]
    public async Task No_schema_stands_for_two_types()
    {
        await server.ApiAsync();
        var json = server.Server.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var found = new HashSet<Type>();
        foreach (var endpoint in Endpoints())
        {
            Walk(endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType);
            foreach (var answer in endpoint.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>())
                Walk(answer.Type);
        }

        var names = found.Select(t => (Type: t, Name: SchemaNames.Of(json.GetTypeInfo(t)))).Where(t => t.Name is not null).ToList();
        Assert.True(names.Count > 60, $"only {names.Count} types were found");
        Assert.Empty(names.GroupBy(n => n.Name).Where(g => g.Count() > 1)
            .Select(g => $"{g.Key}: {string.Join(", ", g.Select(t => t.Type))}"));

        void Walk(Type? type)
        {
            type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
            if (type is null || type == typeof(void) || type == typeof(Stream) || !found.Add(type))
                return;
            var info = json.GetTypeInfo(type);
            Walk(info.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary ? info.ElementType : null);
            foreach (var property in info.Properties)
                Walk(property.PropertyType);
        }
    }

    [Fact]
    public async Task Slices_whose_types_are_called_the_same_are_described_each_for_itself()
    {
        var api = await server.ApiAsync();
        var schemas = (await api.GetAsync("/openapi/v1.json")).Expect(200)["components"].GetProperty("schemas");

        Assert.Equal(["codeRevision", "environment", "id", "job", "parameters", "parent", "tags"], Fields("StartRunCommand"));
        Assert.Equal(["batch", "points"], Fields("LogMetricsBody"));
        Assert.Contains("principal", Fields("WhoAmIAnswer"));

        IEnumerable<string> Fields(string schema) =>
            schemas.GetProperty(schema).GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Every_status_that_is_answered_is_declared()
    {
        var api = await server.ApiAsync();
        var (reader, _) = await server.ApiAsync("reader");
        using var stranger = new Api(server.Server.Address, key: null);
        var operations = await OperationsAsync();
        foreach (var route in SampleRequest.All(server.Server.Services))
        {
            var statuses = operations
                .Single(o => o.Method.Equals(route.Method, StringComparison.OrdinalIgnoreCase) && Matches(o.Path, route.Path))
                .Operation.GetProperty("responses").EnumerateObject().Select(r => r.Name).ToList();
            foreach (var client in (Api[])[api, reader, stranger])
            {
                var answer = await client.SendAsync(new HttpMethod(route.Method), route.Path, route.Content);
                Assert.True(
                    statuses.Contains($"{answer.Code}"),
                    $"{route} answered {answer.Code}, and {string.Join(", ", statuses)} are declared");
            }
        }

        static bool Matches(string template, string path)
        {
            var (open, parts) = (template.Split('/'), path.Split('/'));
            return open.Length == parts.Length && open.Zip(parts).All(p => p.First.StartsWith('{') || p.First == p.Second);
        }
    }

    [Fact]
    public async Task Every_operation_belongs_to_an_area()
    {
        var api = await server.ApiAsync();
        var tags = (await api.GetAsync("/openapi/v1.json")).Expect(200)["tags"];
        var areas = tags.EnumerateArray().Select(t => t.GetProperty("name").GetString()).ToList();

        Assert.Contains("Datasets", areas);
        Assert.All(
            await OperationsAsync(),
            o => Assert.Contains(Assert.Single(o.Operation.GetProperty("tags").EnumerateArray()).GetString(), areas));
    }

    [Fact]
    public async Task A_backup_is_described_as_the_archive_it_is()
    {
        var responses = (await OperationsAsync()).Single(o => o.Path == "/v1/backup").Operation.GetProperty("responses");

        Assert.Equal("application/zip", Assert.Single(responses.GetProperty("200").GetProperty("content").EnumerateObject()).Name);
        Assert.False(responses.TryGetProperty("206", out _));
    }

    private async Task<IReadOnlyList<(string Path, string Method, JsonElement Operation)>> OperationsAsync()
    {
        var api = await server.ApiAsync();
        var paths = (await api.GetAsync("/openapi/v1.json")).Expect(200)["paths"];
        return [.. paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => (p.Name, o.Name, o.Value)))];
    }

    private IReadOnlyList<RouteEndpoint> Endpoints() =>
    [
        .. server.Server.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().Distinct()
            .Where(e => e.RoutePattern.RawText?.StartsWith("/v1", StringComparison.Ordinal) == true),
    ];

    private static List<(string Name, string Place, bool Required)> Parameters(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var parameters)
            ? [.. parameters.EnumerateArray().Select(p => (
                p.GetProperty("name").GetString() ?? "",
                p.GetProperty("in").GetString() ?? "",
                p.TryGetProperty("required", out var required) && required.GetBoolean()))]
            : [];

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Holes();

    [Fact]
    public async Task Health_and_documentation_need_no_key()
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        Assert.Equal("ok", (await stranger.GetAsync("/healthz")).Expect(200).Text);
        Assert.Equal("ready", (await stranger.GetAsync("/readyz")).Expect(200).Text);
        Assert.Contains("<html", (await stranger.GetAsync("/docs/")).Expect(200).Text, StringComparison.OrdinalIgnoreCase);
        (await stranger.GetAsync("/")).Expect(302);
    }
}
