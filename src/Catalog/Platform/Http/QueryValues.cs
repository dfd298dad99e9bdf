using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Catalog.Platform.Http;

/// <summary>A node in the query string, by the parameter's name; null when it is not given.</summary>
public readonly record struct QueryNode(NodeId? Node) : IEndpointParameterMetadataProvider
{
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new RequestParameter(parameter.Name ?? "", ParameterPlace.Query, "A node, such as model:demo/flight-delay@2.")
        {
            Required = parameter.IsDefined(typeof(RequiredAttribute)),
        });

    public static ValueTask<QueryNode> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        var field = parameter.Name ?? "node";
        return http.Request.Query[field] switch
        {
            [] => ValueTask.FromResult(new QueryNode(Node: null)),
            [{ } text] when NodeId.TryParse(text, out var node, out _) => ValueTask.FromResult(new QueryNode(node)),
            [{ } text] => throw new ProblemException(
                Problem.Field("node.invalid", field, NodeId.TryParse(text, out _, out var error) ? "" : error)),
            _ => throw new ProblemException(Problem.Field("node.invalid", field, $"'{field}' can be given once.")),
        };
    }
}

/// <summary>One of a closed list of words in the query string, by the parameter's name; null when it is not given.</summary>
public readonly record struct QueryEnum<T>(T? Value) : IEndpointParameterMetadataProvider
    where T : struct, Enum
{
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new RequestParameter(
            parameter.Name ?? "", ParameterPlace.Query, $"One of {string.Join(", ", QueryWords.Of<T>())}.")
        {
            Words = QueryWords.Of<T>(),
        });

    public static ValueTask<QueryEnum<T>> BindAsync(HttpContext http, ParameterInfo parameter) =>
        ValueTask.FromResult(new QueryEnum<T>(QueryWords.One<T>(http.Request.Query, parameter.Name ?? "")));
}

/// <summary>A log position in the query string, by the parameter's name; null when it is not given.</summary>
public readonly record struct QueryPosition(long? Value) : IEndpointParameterMetadataProvider
{
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(RequestParameter.AtLeast with { Name = parameter.Name ?? "" });

    public static ValueTask<QueryPosition> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        var (query, field) = (http.Request.Query, parameter.Name ?? "");
        return ValueTask.FromResult(new QueryPosition(
            query.ContainsKey(field) ? PageRequest.Number(query, field, 0L, 0L, long.MaxValue) : null));
    }
}

/// <summary>A day in the query string, by the parameter's name; null when it is not given.</summary>
public readonly record struct QueryDay(DateOnly? Value) : IEndpointParameterMetadataProvider
{
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new RequestParameter(parameter.Name ?? "", ParameterPlace.Query, "A day in UTC, such as 2027-01-31."));

    public static ValueTask<QueryDay> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        var field = parameter.Name ?? "";
        return http.Request.Query[field] switch
        {
            [] => ValueTask.FromResult(new QueryDay(Value: null)),
            [{ } text] when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) =>
                ValueTask.FromResult(new QueryDay(day)),
            _ => throw new ProblemException(
                Problem.Field("request.invalid", field, $"'{field}' must be one day, such as 2027-01-31.")),
        };
    }
}
