using System.Collections.Immutable;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Platform.Log;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Serving;

/// <summary>
/// What the catalog says of serving: views, services, and which generations are active. All of it is read by one statement, so that what
/// was committed together is seen together.
/// </summary>
internal sealed class ServingDeclarations(IDocumentStore store, States states)
{
    private readonly HashSet<string> _streams = new(StringComparer.Ordinal);

    /// <summary>The facts that change what is served.</summary>
    public static IReadOnlyList<Type> Facts { get; } =
    [
        typeof(FeatureViewRegistered), typeof(FeatureViewDefined), typeof(FeatureViewExtended), typeof(FeatureViewTagged),
        typeof(FeatureViewUntagged), typeof(FeatureViewServingDeclared), typeof(FeatureGenerationActivated),
        typeof(FeatureGenerationRolledBack), typeof(FeatureServiceRegistered), typeof(FeatureServiceDefined),
    ];

    /// <summary>Finds all streams that have such facts.</summary>
    /// <returns>Where to follow the log from.</returns>
    public async Task<long> FindAllAsync(CancellationToken ct)
    {
        string[] kinds = [.. new[] { NodeKind.FeatureView, NodeKind.FeatureService }.Select(k => $"{NodeId.WordOf(k)}:")];
        var known = await KnownStreams.FindAsync(store, kinds, int.MaxValue, ct);
        _streams.UnionWith(known.Streams);
        return known.From;
    }

    /// <summary>These streams are to be looked at, too.</summary>
    public void Note(IEnumerable<string> streams) => _streams.UnionWith(streams);

    /// <summary>Everything as it is now.</summary>
    public async Task<Declared> LoadAsync(CancellationToken ct)
    {
        var views = new List<DeclaredView>();
        var declared = new List<(NodeId Node, FeatureServiceDefinition Definition)>();
        foreach (var row in (await states.LoadAsync(_streams, ct)).Values.OrderBy(r => r.Id, StringComparer.Ordinal))
        {
            var node = NodeId.Parse(row.Id);
            if (node.Kind == NodeKind.FeatureView && (await states.ReadAsync<FeatureView>(row, ct)).State is { } view)
                views.AddRange(Enumerable.Range(1, view.Versions.Count).Select(n => Of(node, n, view)));
            else if (node.Kind == NodeKind.FeatureService && (await states.ReadAsync<FeatureService>(row, ct)).State is { } service)
                declared.AddRange(service.Versions.Select((d, i) => (node.WithVersion(i + 1), d)));
        }

        var definitions = views.ToDictionary(v => v.Node, v => v.Definition);
        return new(views, [.. declared.Select(d => Of(d.Node, d.Definition, definitions))]);
    }

    private static DeclaredView Of(NodeId view, int number, FeatureView state)
    {
        var definition = state.Versions[number - 1].Definition;
        return new(
            view.WithVersion(number), definition, state.Tags, [.. state.Tiers.Select(TierOf)],
            state.FindActive(number) is { } active ? Of(active, definition) : null,
            state.ServingOf(number) is [.., var last] ? last.Activation : Guid.Empty);
    }

    private static ActiveGeneration Of(FeatureGenerationBuilt built, FeatureDefinition now) =>
        ActiveGeneration.Of(built, AsBuilt(now, built.DefinitionHash));

    /// <summary>A version is extended at its end only: it was, when a generation was made, the first of what it is now.</summary>
    private static FeatureDefinition AsBuilt(FeatureDefinition now, string hash)
    {
        for (var features = now.Features.Count; features > 1; features--)
        {
            var then = now with { Features = [.. now.Features.Take(features)] };
            if (then.Hash() == hash)
                return then;
        }

        return now with { Features = [now.Features[0]] };
    }

    private static ServiceVersion Of(
        NodeId service, FeatureServiceDefinition definition, Dictionary<NodeId, FeatureDefinition> views) => new(
        service,
        [
            .. from view in definition.Views
               from feature in view.Features ?? [.. views[view.View].Features.Select(f => f.Name)]
               select new FeatureRef(view.View, feature),
        ])
        {
            LatencyTarget = definition.LatencyTarget,
            Availability = definition.Availability,
        };

    private static ServingTier TierOf(string tier) => tier switch
    {
        ServingTiers.Memory => ServingTier.Memory,
        ServingTiers.Redis => ServingTier.Redis,
        _ => ServingTier.Offline,
    };
}

/// <summary>What is to be served.</summary>
internal sealed record Declared(IReadOnlyList<DeclaredView> Views, IReadOnlyList<ServiceVersion> Services);

/// <summary>A version of a view that is to be served.</summary>
/// <param name="Node">By number.</param>
/// <param name="Definition">As it was extended last.</param>
/// <param name="Tags">Of the view.</param>
/// <param name="Tiers">Where its values are looked for, in this order.</param>
/// <param name="Active">The generation that is to serve; null for none.</param>
/// <param name="Activation">All that have the same one were activated together.</param>
internal sealed record DeclaredView(
    NodeId Node, FeatureDefinition Definition, ImmutableSortedSet<string> Tags, IReadOnlyList<ServingTier> Tiers, ActiveGeneration? Active,
    Guid Activation);
