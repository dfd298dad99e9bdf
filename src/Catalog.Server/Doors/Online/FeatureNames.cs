using System.Globalization;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Serving;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// Features and services as requests name them: <c>view:feature</c>, <c>view@2:feature</c> (Feast writes <c>view@v2:feature</c>),
/// <c>namespace/view:feature</c>; percent-encoded as in node ids. Without a namespace, a name is looked for in the one that the request is
/// about, or else in all of them, and must be in one only.
/// </summary>
internal static class FeatureNames
{
    /// <summary>What is named, of one state of what is served.</summary>
    /// <param name="written">As <c>view:feature</c>.</param>
    /// <param name="ns">The namespace that the request is about, if it says so.</param>
    /// <exception cref="ProblemException">It is no such name, there is no such view, or there are several.</exception>
    public static FeatureRef Feature(string written, string? ns, ServedState state)
    {
        if (written.Split(':') is not [{ Length: > 0 } view, { Length: > 0 } feature])
            throw Wrong("features", $"'{written}' must be a view and a feature: view:feature, or namespace/view:feature.");
        var node = Node(NodeKind.FeatureView, view, ns, "features", state.NamespacesOf);
        return NodeId.TryParse($"{node.WithoutVersion()}#{feature}", out var column, out var error)
            ? new FeatureRef(node, column.Column ?? feature)
            : throw Wrong("features", $"'{written}': {error}");
    }

    /// <summary>How to answer for a service or for features, either of which is named.</summary>
    /// <exception cref="ProblemException">There is no such thing, or not one of the two.</exception>
    public static ReadPlan Plan(string? service, IReadOnlyList<string?>? features, string? ns, OnlineFeatures online)
    {
        var state = online.Current;
        var found = (service, features) switch
        {
            ({ } named, null) => online.Plan(Service(named, ns, state)),
            (null, { } named) => online.Plan([.. named.Select(f => Feature(f ?? "", ns, state))]),
            _ => Problem.Field("request.invalid", "features", "Either 'features' or 'service' must be given."),
        };
        return found.Succeeded ? found.Value : throw new ProblemException(found.Problem);
    }

    /// <summary>A feature service.</summary>
    /// <param name="written">As <c>service</c> or <c>namespace/service</c>.</param>
    /// <inheritdoc cref="Feature"/>
    public static NodeId Service(string written, string? ns, ServedState state) =>
        Node(NodeKind.FeatureService, written, ns, "feature_service", state.NamespacesOfService);

    /// <summary>A feature view.</summary>
    /// <inheritdoc cref="Service"/>
    public static NodeId View(string written, string? ns, string field, ServedState state) =>
        Node(NodeKind.FeatureView, written, ns, field, state.NamespacesOf);

    private static NodeId Node(
        NodeKind kind, string written, string? ns, string field, Func<string, IReadOnlyList<string>> namespacesOf)
    {
        var text = WithPlainVersion(written);
        if (text.Contains('/', StringComparison.Ordinal))
            return Parse(kind, text, field);
        if (ns is not null)
            return Parse(kind, $"{Names.Encode(ns)}/{text}", field);

        var name = Parse(kind, $"-/{text}", field).Name;
        return namespacesOf(name) switch
        {
            [var only] => Parse(kind, $"{Names.Encode(only)}/{text}", field),
            [] => throw new ProblemException(Problem.Of(
                kind == NodeKind.FeatureView ? "feature_view.not_found" : "feature_service.not_found",
                $"There is no {NodeId.WordOf(kind)} '{name}' in any namespace.")),
            var several => throw Wrong(
                field,
                $"'{name}' is in the namespaces {string.Join(", ", several)}: write {Names.Encode(several[0])}/{text}, or name the "
                + "namespace with ?project= or the header Catalog-Namespace."),
        };
    }

    private static NodeId Parse(NodeKind kind, string text, string field) =>
        NodeId.TryParse($"{NodeId.WordOf(kind)}:{text}", out var node, out var error) ? node : throw Wrong(field, $"'{text}': {error}");

    /// <summary>Feast's <c>@v2</c> is our <c>@2</c>.</summary>
    private static string WithPlainVersion(string written)
    {
        var at = written.LastIndexOf('@');
        return at >= 0 && at + 2 < written.Length && written[at + 1] == 'v'
            && long.TryParse(written.AsSpan(at + 2), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? written.Remove(at + 1, 1)
            : written;
    }

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, what));
}
