using System.CommandLine;
using System.CommandLine.Parsing;

namespace Catalog.Cli;

/// <summary>
/// What is served: a feature view, <c>demo/airport</c>, or a service, <c>service:demo/delays</c>; both also as lineage writes them. It is
/// no <see cref="NodeArgument"/>, because its commands take a time as <c>--at</c>.
/// </summary>
internal sealed class ServedArgument : Argument<NodeId>
{
    private const string Service = "service:";
    private const string View = "view:";
    private readonly bool _services;

    /// <param name="services">Whether services make sense, too.</param>
    public ServedArgument(bool services = true)
        : base(services ? "view or service" : "view")
    {
        _services = services;
        Description = services
            ? "namespace/name of a view, or service:namespace/name, with @version (else the newest)"
            : "namespace/name, with @version (else the newest)";
        CustomParser = Read;
    }

    public static bool TryRead(string text, out NodeId node, out string error) => text switch
    {
        _ when After(text, Service) is { } service => NodeArgument.TryRead(service, NodeKind.FeatureService, out node, out error),
        _ when After(text, View) is { } view => NodeArgument.TryRead(view, NodeKind.FeatureView, out node, out error),
        _ when text.StartsWith("feature-service:", StringComparison.Ordinal) =>
            NodeArgument.TryRead(text, NodeKind.FeatureService, out node, out error),
        _ => NodeArgument.TryRead(text, NodeKind.FeatureView, out node, out error),
    };

    private static string? After(string text, string word) => text.StartsWith(word, StringComparison.Ordinal) ? text[word.Length..] : null;

    private NodeId Read(ArgumentResult result)
    {
        if (result.Tokens is not [{ Value: var text }])
            return default;
        if (!TryRead(text, out var node, out var error))
            result.AddError(error);
        else if (node.Column is { } column)
            result.AddError($"'{text}' names a column, but this is about whole rows: leave out '#{column}', or write %23 in a name.");
        else if (!_services && node.Kind == NodeKind.FeatureService)
            result.AddError($"'{text}' is not a feature-view.");
        return node;
    }
}
