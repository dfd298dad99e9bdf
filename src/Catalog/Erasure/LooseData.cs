using Catalog.Access.Principals;
using Catalog.Features;
using Catalog.FeatureGenerations;
using Catalog.Lineage;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.Predictions;
using Catalog.Serving.Materialization;
using Catalog.Serving.Pushing;
using Catalog.Storage.Hot;
using Marten;
using Npgsql;

namespace Catalog.Erasure;

/// <param name="PushedRows">By version of a view: positions in the push log.</param>
/// <param name="Predictions">That wait to be sealed, or are remembered since.</param>
/// <param name="Bodies">Hashes of OpenLineage events whose text names the subject.</param>
/// <param name="Profiles">Principals whose profile is the subject's.</param>
internal sealed record FoundLoose(
    IReadOnlyDictionary<NodeId, IReadOnlyList<long>> PushedRows, long Predictions, IReadOnlyList<string> Bodies,
    IReadOnlyList<string> Profiles)
{
    public long Pushed => PushedRows.Values.Sum(p => p.Count);
}

/// <summary>A subject's data that is in no version of a dataset.</summary>
internal sealed class LooseData(IDocumentStore store, States states, OpenLineageBodies bodies, PrincipalProfiles profiles)
{
    public async Task<FoundLoose> FindAsync(Subject subject, CancellationToken ct)
    {
        var pushed = new Dictionary<NodeId, IReadOnlyList<long>>();
        foreach (var view in await PushTable.ViewsAsync(store, ct))
        {
            if (await FindPushedAsync(view, subject, ct) is { Count: > 0 } positions)
                pushed.Add(view, positions);
        }

        return new(
            pushed, (await PredictionsAsync(subject, ct)).Count, await FindBodiesAsync(subject, ct),
            await profiles.FindAsync([.. subject.Values.Values], ct));
    }

    /// <summary>Removes what was found, and counts it.</summary>
    public async Task RemoveAsync(Guid erasure, Subject subject, FoundLoose found, CancellationToken ct)
    {
        foreach (var positions in found.PushedRows.Values)
            await CountAsync(ErasureCounts.PushedRows, await PushTable.EraseAsync(store, positions, ct));
        foreach (var some in (await PredictionsAsync(subject, ct)).Chunk(1_000))
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
            is not { Definition: { } definition } || OfKeys(subject, definition) is not { Values.Count: > 0 } named)
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

    /// <summary>A key of a view is the subject's column where either of its names is.</summary>
    internal static Subject OfKeys(Subject subject, FeatureDefinition definition) => new(
        (from key in definition.Keys()
         let value = subject.Values.GetValueOrDefault(key.Name) ?? subject.Values.GetValueOrDefault(key.Column)
         where value is not null
         select KeyValuePair.Create(key.Name, value)).ToDictionary(StringComparer.Ordinal));

    private async Task<IReadOnlyList<PredictionTable.Place>> PredictionsAsync(Subject subject, CancellationToken ct)
    {
        var found = new List<PredictionTable.Place>();
        await foreach (var (place, keys) in PredictionTable.ReadKeysAsync(store, ct))
        {
            if (SubjectTest.IsOf(subject, keys))
                found.Add(place);
        }

        return found;
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
    public const string PushedRows = "pushed_rows";
    public const string Predictions = "predictions";
    public const string Bodies = "bodies";
    public const string Profiles = "profiles";
}
