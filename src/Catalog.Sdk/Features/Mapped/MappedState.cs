using Catalog.Features;
using Catalog.Hot;

namespace Catalog.Sdk;

/// <summary>Generations that serve together, mapped, and where features are in their rows. Immutable.</summary>
internal sealed class MappedState
{
    /// <param name="located">What the catalog says.</param>
    /// <param name="generations">Of its views, in their order.</param>
    public MappedState(LocatedFeatures located, IReadOnlyList<Generation> generations)
    {
        Located = located;
        var keys = generations.SelectMany(g => g.Layout.Keys.Parts).DistinctBy(k => k.Name).ToList();
        Keys = [.. keys.Select(k => HotType.Of(k.Type))];
        KeyNames = [.. keys.Select(k => k.Name)];
        Views = [.. generations.Select(g => MappedView.Of(g, keys))];
        Slots = [.. located.Features.Select(f => new MappedSlot(f.View, SlotOf(generations[f.View], f.Name)))];
        var twice = located.Features.GroupBy(f => f.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        Features =
        [
            .. from feature in located.Features
               let name = twice.Contains(feature.Name) ? feature.FullName : feature.Name
               select new MappedFeature(name, located.Views[feature.View].Node, feature.Type),
        ];
        Generations = located.Views.ToDictionary(v => v.Node, v => v.Generation);
    }

    public LocatedFeatures Located { get; }

    /// <summary>Types of the parts of a key.</summary>
    public IReadOnlyList<HotType> Keys { get; }

    public IReadOnlyList<string> KeyNames { get; }

    public IReadOnlyList<MappedView> Views { get; }

    public IReadOnlyList<MappedSlot> Slots { get; }

    public IReadOnlyList<MappedFeature> Features { get; }

    public IReadOnlyDictionary<NodeId, NodeId> Generations { get; }

    /// <summary>A feature that was added after the generation was made has no place in its rows.</summary>
    private static FeatureSlot? SlotOf(Generation generation, string feature) =>
        generation.Layout.Slots.FirstOrDefault(s => s.Name == feature);
}

/// <summary>A view that is mapped.</summary>
/// <param name="Generation">That serves it.</param>
/// <param name="KeyPlaces">By part of its key, which part of the whole key that is.</param>
/// <param name="TimeToLive">How long after its event a value may be used, in microseconds; null for ever.</param>
internal sealed record MappedView(Generation Generation, IReadOnlyList<int> KeyPlaces, long? TimeToLive)
{
    public static MappedView Of(Generation generation, IReadOnlyList<EntityKey> keys) => new(
        generation,
        [.. generation.Layout.Keys.Parts.Select(part => Enumerable.Range(0, keys.Count).First(k => keys[k].Name == part.Name))],
        generation.Header.Definition.TimeToLive is { } ttl ? ttl.Ticks / TimeSpan.TicksPerMicrosecond : null);
}

/// <summary>Where a feature is.</summary>
/// <param name="View">Which view's rows.</param>
/// <param name="Slot">Its place there; null where these rows do not have it.</param>
internal sealed record MappedSlot(int View, FeatureSlot? Slot);

/// <summary>Where the catalog says that features are.</summary>
internal sealed record LocatedFeatures(IReadOnlyList<LocatedFeature> Features, IReadOnlyList<LocatedView> Views, bool Stale);

internal sealed record LocatedFeature(int View, string Name, string FullName, string Type);

internal sealed record LocatedView(NodeId Node, NodeId Generation, string Sha256, long Bytes);
