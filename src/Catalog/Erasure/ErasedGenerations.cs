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
    /// <summary>Generations that were made of versions and are not dropped.</summary>
    public Task<List<FeatureGenerationPage>> FindAsync(IReadOnlyCollection<NodeId> erased, CancellationToken ct) => store.ReadAsync(
        $"""
        select g.data from {CatalogStore.Schema}.mt_doc_{FeatureGenerationPages.TableAlias} g
        where not (g.data->>'dropped')::boolean and exists (
          select 1 from jsonb_array_elements(g.data->'built'->'sources') s where s->>'version' = any($1))
        order by g.id
        """,
        [erased.Select(v => v.ToString()).ToArray()],
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

    /// <param name="erasure">That asks for it.</param>
    /// <param name="erased">Versions that are not kept any more.</param>
    /// <param name="pushed">Versions of views that rows were removed from that had been pushed to them.</param>
    /// <param name="ct">Stops.</param>
    /// <returns>What could not be done.</returns>
    public async Task<IReadOnlyList<string>> ReplaceAsync(
        Guid erasure, IReadOnlyCollection<NodeId> erased, IEnumerable<NodeId> pushed, CancellationToken ct)
    {
        var (failures, gone) = (new List<string>(), await FindAsync(erased, ct));
        var serving = new HashSet<NodeId>(pushed);
        foreach (var generation in gone)
        {
            var view = NodeId.Parse(generation.View).WithVersion(generation.Number);
            if ((await states.LoadAsync<FeatureView>(generation.View, ct))?.FindActive(generation.Number)?.Generation
                == generation.Built.Generation)
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

    /// <summary>Never what serves: then what serves could not be made anew, and that is told.</summary>
    public static Decision Decide(FeatureView? state, Guid generation, string reason)
    {
        if (state?.FindGeneration(generation) is not { } built)
            return Decision.Unchanged;
        return state.FindActive(built.Number)?.Generation == generation
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
        return made.Succeeded ? null : $"'{view}' could not be made anew: {made.Problem.Detail}";
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
