using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Catalog.Server.Http;

/// <summary>The OpenAPI description of our own API, from the routes themselves.</summary>
internal static class ApiDescription
{
    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.CreateSchemaReferenceId = SchemaNames.Of;
        options.AddOperationTransformer(OperationDescription.DescribeAsync);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Catalog",
                Version = "v1",
                Description = "Datasets, their immutable versions, runs, models and the lineage between them. Errors are RFC 9457 "
                    + "problem details with a stable code.",
            };
            document.Servers = [];
            document.Tags = OperationDescription.Areas.Select(area => new OpenApiTag { Name = area }).ToHashSet();
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["key"] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "An API key, cat_…, or a token of the issuer that the catalog trusts",
                },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(NodeId) || context.JsonTypeInfo.Type == typeof(NodeId?))
                Describe(schema, "A node, such as dataset:demo/flights@3 or run:0198….");
            if (context.JsonTypeInfo.Type == typeof(TimeSpan) || context.JsonTypeInfo.Type == typeof(TimeSpan?))
            {
                Describe(schema, "A length of time: a number and one of d, h, m, s, ms and us, such as 7d or 36h.");
                if (context.JsonPropertyInfo?.PropertyType == typeof(TimeSpan?))
                    schema.Type |= JsonSchemaType.Null;
            }

            if (context.JsonTypeInfo.Type == typeof(ProblemDetails))
                AddMembers(schema);
            return Task.CompletedTask;
        });
    });

    /// <summary>The members that our problems have beyond those of RFC 9457.</summary>
    private static void AddMembers(OpenApiSchema problem)
    {
        problem.Properties ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        problem.Properties["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Stable, such as dataset.not_found." };
        problem.Properties["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "Messages by field, where input was wrong.",
            AdditionalProperties = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.String },
            },
        };
        problem.Required = new HashSet<string>(StringComparer.Ordinal) { "code" };
    }

    private static void Describe(OpenApiSchema schema, string description)
    {
        schema.Type = JsonSchemaType.String;
        schema.Properties = null;
        schema.Description = description;
    }
}
