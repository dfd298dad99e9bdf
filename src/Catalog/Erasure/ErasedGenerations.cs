using System.Text.Json;
using Catalog.Access;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.Serving;
using Catalog.Serving.Materialization;
using Marten;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Erasure;

/// <summary>
/// Has features served of what is left: makes a generation anew from the successors of what was erased, and drops all that were made of
/// what was erased, also those that could be gone back to.
/// </summary>
internal sealed class ErasedGenerations(IDocumentStore store, States states, WritePath writes, IServiceScopeFactory scopes, HotFiles files)
{
    private const int MostAttempts = 5;

    /// <summary>Generations that were made of versions.</summary>
    public Task<List<FeatureGenerationPage>> FindAsync(
        IReadOnlyCollection<NodeId> erased, bool dropped, CancellationToken ct) => store.ReadAsync(
        $"""
        select g.data from {CatalogStore.Schema}.mt_doc_{FeatureGenerationPages.TableAlias} g
        where (g.data->>'dropped')::boolean = $2 and exists (
          select 1 from jsonb_array_elements(g.data->'built'->'sources') s where s->>'version' = any($1))
        order by g.id
        """,
        [erased.Select(v => v.ToString()).ToArray(), dropped],
        row => JsonSerializer.Deserialize<FeatureGenerationPage>(row.GetString(0), CatalogStore.Json)
            ?? throw new InvalidOperationException("A stored generation is null."),
        ct);

    /// <summary>Generations that an erasure dropped.</summary>
    public Task<List<NodeId>> DroppedAsync(Guid erasure, CancellationToken ct) => store.ReadAsync(
        $"""
        select id from {CatalogStore.Schema}.mt_doc_{FeatureGenerationPages.TableAlias} where data->>'droppedBecause' = $1 order by id
        """,
        [Reason(erasure)],
        row => NodeId.Parse(row.GetString(0)),
        ct);

    /// <summary>Until none is left: others may make one of what was erased while this one looks.</summary>
    /// <param name="erasure">That asks for it.</param>
    /// <param name="erased">Versions that are not kept any more.</param>
    /// <param name="pushed">Versions of views that rows were removed from that had been pushed to them.</param>
    /// <param name="ct">Stops.</param>
    /// <returns>What could not be done.</returns>
    public async Task<IReadOnlyList<string>> ReplaceAsync(
        Guid erasure, IReadOnlyCollection<NodeId> erased, IReadOnlyCollection<NodeId> pushed, CancellationToken ct)
    {
        // What was dropped before waits for a collection of garbage: its values go now.
        foreach (var generation in await FindAsync(erased, dropped: true, ct))
            await ErasureTable.NoteAsync(store, erasure, generation.Sha256, 0, ct);

        var failures = await ReplaceAsync(erasure, await FindAsync(erased, dropped: false, ct), pushed, ct);
        for (var attempt = 1; attempt < MostAttempts; attempt++)
        {
            var more = await FindAsync(erased, dropped: false, ct);
            if (more.Count == 0 && failures.Count == 0)
                break;
            failures = await ReplaceAsync(erasure, more, failures.Count == 0 ? [] : pushed, ct);
        }

        return failures;
    }

    private async Task<IReadOnlyList<string>> ReplaceAsync(
        Guid erasure, IReadOnlyList<FeatureGenerationPage> gone, IReadOnlyCollection<NodeId> pushed, CancellationToken ct)
    {
        var (failures, serving) = (new List<string>(), new HashSet<NodeId>());
        foreach (var view in pushed)
        {
            if (await ActiveAsync(view, ct) is not null)
                serving.Add(view);
            else
                failures.Add($"Rows that were pushed to '{view}', which has no generation, are in memory until servers start anew.");
        }

        foreach (var generation in gone)
        {
            var view = NodeId.Parse(generation.View).WithVersion(generation.Number);
            if (await ActiveAsync(view, ct) == generation.Built.Generation)
                serving.Add(view);
        }

        foreach (var view in serving)
        {
            if (await MakeAsync(view, erasure, ct) is { } failure)
                failures.Add(failure);
        }

        foreach (var generation in gone)
        {
            if (await DropAsync(generation, erasure, ct) is { } failure)
                failures.Add(failure);
        }

        return failures;
    }

    /// <summary>What serves a version of a view; null where it was retired, since then it serves nothing that is looked up.</summary>
    private async Task<Guid?> ActiveAsync(NodeId view, CancellationToken ct) =>
        await states.LoadAsync<FeatureView>(view.StreamId, ct) is { Retired: false } state
            ? state.FindActive(view.VersionNumber ?? 1)?.Generation
            : null;

    /// <summary>Never what serves: then what serves could not be made anew, and that is told.</summary>
    public static Decision Decide(FeatureView? state, Guid generation, string reason)
    {
        if (state?.FindGeneration(generation) is not { } built)
            return Decision.Unchanged;
        return !state.Retired && state.FindActive(built.Number)?.Generation == generation
            ? Decision.Refuse(
                "feature_generation.in_use",
                $"'{NodeId.Generation(generation)}' serves '{NodeId.Parse(state.Id).WithVersion(built.Number)}', made of erased data.")
            : Decision.Accept(new FeatureGenerationDropped(generation, reason));
    }

    /// <summary>The server does it itself: whoever asks for the erasure need not be allowed to read the data, nor to deploy.</summary>
    private async Task<string?> MakeAsync(NodeId view, Guid erasure, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Become(Identity.Server);
        var made = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(
            new MaterializeFeatures.Command(new(view, Full: true, Reason: Reason(erasure)), Progress: null), ct);
        return !made.Succeeded ? $"'{view}' could not be made anew: {made.Problem.Detail}"
            : made.Value.Activated ? null
            : $"'{view}' was made anew, and does not serve: {made.Value.NotActivated}";
    }

    private async Task<string?> DropAsync(FeatureGenerationPage generation, Guid erasure, CancellationToken ct)
    {
        var id = generation.Built.Generation;
        await ErasureTable.NoteAsync(store, erasure, generation.Sha256, generation.Built.Bytes, ct);
        var written = await writes.DecideAsync<FeatureView>(generation.View, view => Decide(view, id, Reason(erasure)), ct);
        if (written.Decision is Decision.Refused no)
            return no.Detail;
        files.Forget(generation.Sha256);
        return null;
    }

    private static string Reason(Guid erasure) => $"Made of data that was erased ({erasure:D}).";
}
