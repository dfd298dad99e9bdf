using Catalog.Access;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Catalog.Storage.Objects;

namespace Catalog.Serving.Materialization;

/// <summary>A generation that is to be made, and what serves in its place now.</summary>
/// <param name="Order">What is to be made.</param>
/// <param name="DefinitionHash">Of the version that it is of.</param>
/// <param name="Active">What serves now; null for nothing.</param>
/// <param name="PushedThrough">Rows pushed up to there are in its sources.</param>
/// <param name="HasItAll">Whether what serves has all of it: nothing is to be made.</param>
internal sealed record OrderedGeneration(
    GenerationOrder Order, string DefinitionHash, FeatureGenerationBuilt? Active, long PushedThrough, bool HasItAll);

/// <summary>Says what is to be made for views: of which versions, and whether from the beginning.</summary>
internal sealed class OrderGenerations(States states, GenerationSources sources, SealPushes pushes, ServedViews served, Gate gate)
{
    public async Task<Outcome<IReadOnlyList<OrderedGeneration>>> OfAsync(
        IReadOnlyList<LocatedFeatureView> views, MaterializeFeatures.Body wanted, DateTimeOffset asOf, CancellationToken ct)
    {
        var ordered = new List<OrderedGeneration>();
        foreach (var view in views)
        {
            var order = await OfAsync(view, wanted, asOf, ct);
            if (!order.Succeeded)
                return order.Problem;
            ordered.Add(order.Value);
        }

        return ordered;
    }

    private async Task<Outcome<OrderedGeneration>> OfAsync(
        LocatedFeatureView view, MaterializeFeatures.Body wanted, DateTimeOffset asOf, CancellationToken ct)
    {
        var dataset = view.Definition.Source.Dataset;
        var events = await sources.PinAsync(wanted.From is { } version ? dataset.WithVersion(version) : dataset, isPushed: false, ct);
        if (!events.Succeeded)
            return events.Problem;
        if (gate.Ask(Act.ReadData, events.Value.Version, events.Value.Tags).Refusal is { } no)
            return no;

        var pinned = new List<PinnedSource> { events.Value };
        var pushed = await pushes.SealAsync(view, ct);
        if (pushed.Problem is { } notSealed)
            return notSealed;
        if (pushed.Version is { } seal)
        {
            var source = await sources.PinAsync(seal, isPushed: true, ct);
            if (!source.Succeeded)
                return source.Problem;
            pinned.Add(source.Value);
        }

        var order = new GenerationOrder(view.Node, view.Definition, pinned, asOf);
        var state = await states.LoadAsync<FeatureView>(view.Node.StreamId, ct);
        var active = state?.FindActive(view.Number);
        var earlier = wanted.Full || active is null ? null : await BaseAsync(view, active, order, ct);
        var hasItAll = (earlier is not null && active?.PushedThrough == pushed.Through && earlier.Added.All(a => a.Count == 0))
            || (!wanted.Full && active is not null && IsOf(active, order, view.Hash));
        return new OrderedGeneration(order with { Base = earlier }, view.Hash, active, pushed.Through, hasItAll);
    }

    /// <summary>Whether a generation is what is ordered: the same events, up to the same moment, by the same rules.</summary>
    private static bool IsOf(FeatureGenerationBuilt active, GenerationOrder order, string hash) =>
        active.DefinitionHash == hash && active.AsOf == order.AsOf && active.Engine == GenerationMaker.EngineOf(order.Definition)
        && active.Sources.SequenceEqual(order.Sources.Select(s => s.Source));

    /// <summary>
    /// What serves can be gone on from where files were only added behind its own, nothing in those was left out of it as too late, and
    /// the view has the features that it had.
    /// </summary>
    private async Task<EarlierGeneration?> BaseAsync(
        LocatedFeatureView view, FeatureGenerationBuilt active, GenerationOrder order, CancellationToken ct)
    {
        if (view.Definition.IsAggregated() || active.DefinitionHash != view.Hash || active.AsOf > order.AsOf
            || active.Engine != GenerationMaker.EngineOf(view.Definition))
            return null;
        var added = new List<IReadOnlyList<FileEntry>>();
        foreach (var source in order.Sources)
        {
            if (await AddedAsync(active, source, ct) is not { } files)
                return null;
            added.Add(files);
        }

        try
        {
            var rows = await served.OpenAsync(view.Node, ActiveGeneration.Of(active, view.Definition), ct);
            return rows.Header.LaterRows == 0 ? new(active.Generation, rows, added) : null;
        }
        catch (Exception e) when (e is GenerationException or ObjectStoreException)
        {
            return null; // it cannot be had: then everything is read
        }
    }

    private async Task<IReadOnlyList<FileEntry>?> AddedAsync(FeatureGenerationBuilt active, PinnedSource source, CancellationToken ct)
    {
        if (active.Sources.FirstOrDefault(s => s.Version.StreamId == source.Version.StreamId) is not { } before)
            return source.IsPushed ? source.Files : null;
        var earlier = await sources.PinAsync(before.Version, source.IsPushed, ct);
        return earlier.Succeeded ? GenerationSources.Added(earlier.Value.Files, source.Files) : null;
    }
}
