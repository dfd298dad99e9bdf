using System.Globalization;
using System.Text.Json.Nodes;
using Catalog.Access;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Catalog.Server.Http;

/// <summary>Adds to the description of an operation what the framework cannot see: parameters that our types read, and the area.</summary>
internal static class OperationDescription
{
    /// <summary>In the order in which one comes to need them.</summary>
    public static IReadOnlyList<string> Areas { get; } =
        ["Datasets", "Models", "Features", "Runs", "Lineage", "Changes", "Objects", "Access", "Operation"];

    private static RequestParameter Purpose { get; } = new(
        AuthenticationMiddleware.PurposeHeader,
        ParameterPlace.Header,
        "What the data is wanted for; recorded with the decision and with every fact.")
    {
        Words = [.. Enum.GetValues<Purpose>().Select(Purposes.Write)],
    };

    private static OpenApiSchema Text { get; } = new() { Type = JsonSchemaType.String };

    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var parameters = operation.Parameters ??= [];
        foreach (var read in context.Description.ActionDescriptor.EndpointMetadata.OfType<RequestParameter>().Append(Purpose))
            parameters.Add(Parameter(read));
        foreach (var other in context.Description.ActionDescriptor.EndpointMetadata.OfType<OtherForm>())
            operation.Responses?["200"].Content?.Add(other.MediaType, new OpenApiMediaType { Schema = Text });
        operation.Tags = new HashSet<OpenApiTagReference> { new(AreaOf(context.Description.RelativePath ?? ""), context.Document) };
        return Task.CompletedTask;
    }

    private static string AreaOf(string path) => path.Split('/') switch
    {
        [_, "datasets", ..] => "Datasets",
        [_, "models", ..] => "Models",
        [_, "feature-views" or "feature-services" or "feature-generations" or "features", ..] => "Features",
        [_, "runs" or "jobs", ..] => "Runs",
        [_, "lineage", ..] => "Lineage",
        [_, "changes", ..] => "Changes",
        [_, "objects", ..] => "Objects",
        [_, "keys" or "whoami", ..] => "Access",
        _ => "Operation",
    };

    private static OpenApiParameter Parameter(RequestParameter read) => new()
    {
        Name = read.Name,
        In = read.Place switch
        {
            ParameterPlace.Path => ParameterLocation.Path,
            ParameterPlace.Header => ParameterLocation.Header,
            _ => ParameterLocation.Query,
        },
        Description = read.Description,
        Required = read.Required || read.Place is ParameterPlace.Path,
        Schema = read.Range is var (min, max)
            ? new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = "int64",
                Minimum = min.ToString(CultureInfo.InvariantCulture),
                Maximum = max.ToString(CultureInfo.InvariantCulture),
                Default = read.Default is { } number ? JsonNode.Parse(number) : null,
            }
            : new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = read.Words is { } words ? [.. words.Select(w => (JsonNode)w)] : null,
            },
    };
}
