using Catalog.Features;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Feature views: what features are, and how they come out of events; services of them, and generations of their values.</summary>
public sealed class FeatureClient
{
    private const string Root = "feature-views";
    private readonly Transport _transport;

    internal FeatureClient(Transport transport)
    {
        _transport = transport;
        Services = new FeatureServiceClient(transport);
        Generations = new GenerationClient(transport);
        Online = new OnlineClient(transport);
    }

    /// <summary>Which features models are served.</summary>
    public FeatureServiceClient Services { get; }

    /// <summary>Values of views, computed to be served.</summary>
    public GenerationClient Generations { get; }

    /// <summary>Features as they are now, by their keys.</summary>
    public OnlineClient Online { get; }

    /// <summary>Shows what applying views would do. Nothing is changed.</summary>
    public Task<FeaturePlan> PlanAsync(IEnumerable<FeatureViewSpec> views, CancellationToken ct = default) => PlanAsync(views, [], ct);

    /// <summary>Shows what applying views and services would do. Nothing is changed.</summary>
    public Task<FeaturePlan> PlanAsync(
        IEnumerable<FeatureViewSpec> views, IEnumerable<FeatureServiceSpec> services, CancellationToken ct = default) =>
        _transport.SendAsync<FeaturePlan>(HttpMethod.Post, Route.Of(Root, "plan"), new PlanBody(Bodies(views), Bodies(services)), ct);

    /// <summary>
    /// Makes views what they are wanted to be: all, or, where one cannot be, none. A change that can alter a value makes a version beside
    /// the old one; views that are not named stay as they are.
    /// </summary>
    /// <param name="views">As they are to be.</param>
    /// <param name="plan">A plan that was shown: where another one would be carried out, nothing is. Null applies in any case.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<AppliedFeatures> ApplyAsync(IEnumerable<FeatureViewSpec> views, FeaturePlan? plan = null, CancellationToken ct = default) =>
        ApplyAsync(views, [], plan, ct);

    /// <summary>
    /// Makes views and services what they are wanted to be: all, or, where one cannot be, none. A service may name a view of the same call;
    /// without a version it means what the view becomes.
    /// </summary>
    /// <param name="views">As they are to be; there may be none.</param>
    /// <param name="services">As they are to be.</param>
    /// <param name="plan">A plan that was shown: where another one would be carried out, nothing is. Null applies in any case.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<AppliedFeatures> ApplyAsync(
        IEnumerable<FeatureViewSpec> views, IEnumerable<FeatureServiceSpec> services, FeaturePlan? plan = null,
        CancellationToken ct = default) =>
        _transport.SendAsync<AppliedFeatures>(
            HttpMethod.Post, Route.Of(Root, "apply"), new ApplyBody(Bodies(views), plan?.Hash, Bodies(services)), ct);

    public IAsyncEnumerable<FeatureViewSummary> ListAsync(
        string? @namespace = null, int pageSize = 100, CancellationToken ct = default) =>
        Pages.ReadAsync<FeatureViewSummary>(_transport, () => Route.Of(Root).With("namespace", @namespace), pageSize, ct);

    /// <summary>A view with all its versions.</summary>
    public Task<FeatureView> GetAsync(QualifiedName name, CancellationToken ct = default) =>
        _transport.GetAsync<FeatureView>(Route.Of(Root, name), ct);

    /// <param name="name">Of the view.</param>
    /// <param name="version">A number, or <c>latest</c>.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<FeatureViewVersion> GetVersionAsync(QualifiedName name, VersionRef version, CancellationToken ct = default) =>
        _transport.GetAsync<FeatureViewVersion>(Route.Of(Root, name, "versions", version.Text), ct);

    /// <param name="version">As lineage names it: <c>feature-view:demo/origin_delays@2</c>.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<FeatureViewVersion> GetVersionAsync(NodeId version, CancellationToken ct = default) =>
        GetVersionAsync(version.NameOf(NodeKind.FeatureView), VersionRef.Of(version), ct);

    public Task<Receipt> TagAsync(QualifiedName name, string tag, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of(Root, name, "tags", tag), body: null, ct);

    public Task<Receipt> UntagAsync(QualifiedName name, string tag, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Delete, Route.Of(Root, name, "tags", tag), body: null, ct);

    /// <summary>Ends a view's life; its versions stay readable, and its name is not reused.</summary>
    public Task<Receipt> RetireAsync(QualifiedName name, string reason, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, name, "retire"), new ReasonBody(reason), ct);

    /// <summary>Pushes rows that a view serves at once, on top of what was materialised: all of them are stored, or none.</summary>
    /// <param name="view">Of columns; one of aggregations takes no rows.</param>
    /// <param name="rows">From 1 to 10,000.</param>
    /// <param name="version">A number; the newest version where left out.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<PushReceipt> PushAsync(
        QualifiedName view, IEnumerable<FeaturePush> rows, VersionRef? version = null, CancellationToken ct = default) =>
        _transport.SendAsync<PushReceipt>(
            HttpMethod.Post, Of(view, version, "push"), new PushBody([.. rows.Select(r => r.Written())]), ct);

    /// <summary>Tells where the values of a key came from that a lookup answered with.</summary>
    /// <param name="view">Whose values.</param>
    /// <param name="keys">Of one row.</param>
    /// <param name="at">When they were served; now where left out.</param>
    /// <param name="version">A number; the newest version where left out.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="ArgumentException">There are keys of several rows.</exception>
    public Task<ValueExplanation> ExplainAsync(
        QualifiedName view, FeatureKeys keys, DateTimeOffset? at = null, VersionRef? version = null, CancellationToken ct = default) =>
        keys.Rows > 1
            ? throw new ArgumentException($"The keys of one row are wanted, and not of {keys.Rows}.", nameof(keys))
            : _transport.SendAsync<ValueExplanation>(
                HttpMethod.Post, Of(view, version, "explain"), new ExplainBody(keys.Row(0), at), ct);

    private static Route Of(QualifiedName view, VersionRef? version, string verb) =>
        Route.Of(Root, view, "versions", (version ?? VersionRef.Latest).Text, verb);

    private static IReadOnlyList<ViewBody> Bodies(IEnumerable<FeatureViewSpec> views) =>
    [
        .. views.Select(v => new ViewBody(v.Name.Namespace, v.Name.Name, v.Owner, v.Definition, v.Description, v.Tags, v.Tiers)),
    ];

    /// <summary>Null for none, which servers that know no services take, too.</summary>
    private static IReadOnlyList<ServiceBody>? Bodies(IEnumerable<FeatureServiceSpec> services)
    {
        ServiceBody[] all =
            [.. services.Select(s => new ServiceBody(s.Name.Namespace, s.Name.Name, s.Owner, s.Definition, s.Description, s.Tags))];
        return all.Length == 0 ? null : all;
    }

    private sealed record PushBody(IReadOnlyList<FeaturePush> Rows);

    private sealed record ExplainBody(IReadOnlyDictionary<string, object?> Keys, DateTimeOffset? At);

    private sealed record PlanBody(IReadOnlyList<ViewBody> Views, IReadOnlyList<ServiceBody>? Services);

    private sealed record ApplyBody(IReadOnlyList<ViewBody> Views, string? ExpectedPlan, IReadOnlyList<ServiceBody>? Services);

    private sealed record ViewBody(
        string Namespace, string Name, string Owner, FeatureDefinition Definition, string? Description, IReadOnlyList<string>? Tags,
        IReadOnlyList<string>? Tiers);

    private sealed record ServiceBody(
        string Namespace, string Name, string Owner, FeatureServiceDefinition Definition, string? Description,
        IReadOnlyList<string>? Tags);
}
