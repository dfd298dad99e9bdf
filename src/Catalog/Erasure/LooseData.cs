using Catalog.Access.Principals;
using Catalog.Datasets;
using Catalog.Features;
using Catalog.Lineage;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.Predictions;
using Catalog.Serving.Materialization;
using Catalog.Serving.Pushing;
using Catalog.Storage.Hot;
using Marten;

namespace Catalog.Erasure;

/// <param name="PushedRows">By version of a view: positions in the push log.</param>
/// <param name="Predictions">That wait to be sealed, or are remembered since.</param>
/// <param name="Bodies">Hashes of OpenLineage events whose text names the subject.</param>
/// <param name="Profiles">Principals whose profile is the subject's.</param>
/// <param name="Held">Datasets that such rows would come to, which are held, so that they stay.</param>
internal sealed record FoundLoose(
    IReadOnlyDictionary<NodeId, IReadOnlyList<long>> PushedRows, IReadOnlyList<PredictionTable.Place> Predictions,
    IReadOnlyList<string> Bodies, IReadOnlyList<string> Profiles, IReadOnlyList<NodeId> Held)
{
    public long Pushed => PushedRows.Values.Sum(p => p.Count);
}

/// <summary>A subject's data that is in no version of a dataset.</summary>
internal sealed class LooseData(
    IDocumentStore store, States states, SubjectNames names, OpenLineageBodies bodies, PrincipalProfiles profiles)
{
    public async Task<FoundLoose> FindAsync(Subject subject, CancellationToken ct)
    {
        var (pushed, held) = (new Dictionary<NodeId, IReadOnlyList<long>>(), new HashSet<NodeId>());
        foreach (var view in await PushTable.ViewsAsync(store, ct))
        {
            if (await FindPushedAsync(view, subject, ct) is not { Count: > 0 } positions)
                continue;
            if (await IsHeldAsync(SealPushes.DatasetOf(view), ct))
                held.Add(SealPushes.DatasetOf(view));
            else
                pushed.Add(view, positions);
        }

        var predictions = await PredictionsAsync(subject, held, ct);
        return new(
            pushed, predictions, await FindBodiesAsync(subject, ct), await profiles.FindAsync([.. subject.Values.Values], ct),
            [.. held.Order(NodeId.Order)]);
    }

    /// <summary>Removes what was found, and counts it.</summary>
    public async Task RemoveAsync(Guid erasure, FoundLoose found, CancellationToken ct)
    {
        foreach (var (view, positions) in found.PushedRows)
        {
            // Whoever goes on with the erasure has to know of the view, also where nobody came to count.
            await ErasureTable.CountAsync(store, erasure, ErasureCounts.PushedTo(view), 0, ct);
            await CountAsync(ErasureCounts.PushedTo(view), await PushTable.EraseAsync(store, positions, ct));
        }

        foreach (var some in found.Predictions.Chunk(1_000))
            await CountAsync(ErasureCounts.Predictions, await PredictionTable.EraseAsync(store, some, ct));
        foreach (var hash in found.Bodies)
            await CountAsync(ErasureCounts.Bodies, await bodies.EraseAsync(hash, ct) ? 1 : 0);
        foreach (var principal in found.Profiles)
            await CountAsync(ErasureCounts.Profiles, await profiles.EraseAsync(principal, ct) ? 1 : 0);

        Task CountAsync(string kind, long count) =>
            count == 0 ? Task.CompletedTask : ErasureTable.CountAsync(store, erasure, kind, count, ct);
    }

    private async Task<IReadOnlyList<long>> FindPushedAsync(NodeId view, Subject subject, CancellationToken ct)
    {
        if ((await states.LoadAsync<FeatureView>(view.StreamId, ct))?.Versions.ElementAtOrDefault((int)(view.VersionNumber ?? 1) - 1)
            is not { Definition: { } definition } || SubjectNames.OfKeys(subject, definition) is not { Values.Count: > 0 } named)
            return [];
        if (SubjectTest.Of(named, PushedRows.SchemaOf(definition), isPredictions: false) is not { } test)
            return [];
        var (found, rows) = (new List<long>(), new List<PushedRow>());
        await foreach (var row in PushTable.ReadAllAsync(store, view, after: 0, ct))
        {
            if (row.Features <= definition.Features.Count)
                rows.Add(row);
            if (rows.Count == PushTable.PageRows)
                Look();
        }

        Look();
        return found;

        void Look()
        {
            var place = 0;
            foreach (var batch in PushedBatches.Of(definition, rows))
            {
                using (batch)
                {
                    var matches = test.Match(batch);
                    found.AddRange(matches.Index().Where(m => m.Item).Select(m => rows[place + m.Index].Position));
                }

                place += batch.Length;
            }

            rows.Clear();
        }
    }

    private async Task<bool> IsHeldAsync(NodeId dataset, CancellationToken ct) =>
        await states.LoadAsync<Dataset>(dataset.StreamId, ct) is { Holds.IsEmpty: false };

    private async Task<IReadOnlyList<PredictionTable.Place>> PredictionsAsync(Subject subject, HashSet<NodeId> held, CancellationToken ct)
    {
        var (keyed, found) = (await names.WithKeysAsync(subject, ct), new List<PredictionTable.Place>());
        await foreach (var (place, keys) in PredictionTable.ReadKeysAsync(store, ct))
        {
            if (SubjectTest.IsOf(keyed, keys))
                found.Add(place);
        }

        foreach (var dataset in found.Select(DatasetOf).Distinct().ToList())
        {
            if (await IsHeldAsync(dataset, ct))
                held.Add(dataset);
        }

        return [.. found.Where(p => !held.Contains(DatasetOf(p)))];

        static NodeId DatasetOf(PredictionTable.Place place) => PredictionNames.DatasetOf(NodeId.Parse(place.Stream));
    }

    private async Task<IReadOnlyList<string>> FindBodiesAsync(Subject subject, CancellationToken ct)
    {
        var found = new List<string>();
        await foreach (var (hash, body) in bodies.ReadAllAsync(ct))
        {
            if (SubjectMention.IsIn(body.Span, subject))
                found.Add(hash);
        }

        return found;
    }
}

/// <summary>What <see cref="ErasureTable.Counts"/> counts.</summary>
internal static class ErasureCounts
{
    private const string Pushed = "pushed_rows ";

    public const string Predictions = "predictions";
    public const string Bodies = "bodies";
    public const string Profiles = "profiles";

    /// <summary>Rows that were pushed to a version of a view.</summary>
    public static string PushedTo(NodeId view) => Pushed + view;

    /// <summary>The versions of views that rows were removed from, and how many.</summary>
    public static IReadOnlyDictionary<NodeId, long> PushedIn(IReadOnlyDictionary<string, long> counts) => counts
        .Where(c => c.Key.StartsWith(Pushed, StringComparison.Ordinal))
        .ToDictionary(c => NodeId.Parse(c.Key[Pushed.Length..]), c => c.Value);
}
