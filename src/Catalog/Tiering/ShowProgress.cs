using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Store;
using Catalog.Storage.Tiering;
using Catalog.Tiers;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Tiering;

/// <summary>Shows how far the plan is that was applied last.</summary>
public static class ShowProgress
{
    private const int MostFailures = 100;

    public sealed record Query : IRequest<Outcome<Answer>>;

    /// <param name="Plan">Null before the first.</param>
    /// <param name="Objects">To be moved, all together.</param>
    /// <param name="Bytes">Of those.</param>
    /// <param name="MovedObjects">That have arrived.</param>
    /// <param name="MovedBytes">Of those.</param>
    /// <param name="FailedObjects">That were given up until the next plan is applied.</param>
    /// <param name="Failures">What went wrong with objects that have not arrived; at most 100.</param>
    /// <param name="HeldObjects">To be held in caches.</param>
    /// <param name="HeldBytes">Of those.</param>
    /// <param name="CachedBytes">Of those, in this server's cache now.</param>
    public sealed record Answer(
        Guid? Plan, long Objects, long Bytes, long MovedObjects, long MovedBytes, long FailedObjects, IReadOnlyList<MoveFailure> Failures,
        long HeldObjects, long HeldBytes, long CachedBytes)
    {
        /// <summary>Whether every object has arrived or was given up.</summary>
        public bool Done => MovedObjects + FailedObjects == Objects;
    }

    /// <param name="Sha256">Of the object.</param>
    /// <param name="To">Where it is to be brought.</param>
    /// <param name="Attempts">So far.</param>
    /// <param name="Error">Of the last.</param>
    public sealed record MoveFailure(string Sha256, Tier To, int Attempts, string Error);

    internal sealed class Handler(IDocumentStore store, TierSignal signal, StorageTiers places, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.Operate, resource: null).Refusal is { } no)
                return no;
            if (await signal.PlanAsync(ct) is not { } plan)
                return new Answer(Plan: null, 0, 0, 0, 0, 0, [], 0, 0, 0);
            var held = await MoveTable.HeldAsync(store, plan, ct);
            var moves = await store.ReadAsync(
                $"""
                select count(*), coalesce(sum(bytes), 0)::bigint,
                  count(*) filter (where state = 'done'), coalesce(sum(bytes) filter (where state = 'done'), 0)::bigint,
                  count(*) filter (where state = 'failed')
                from {MoveTable.MoveName} where plan = $1
                """,
                [plan],
                row => new Answer(
                    plan, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), [],
                    held.Count, held.Sum(h => h.Bytes), held.Sum(h => places.Hot?.BytesOf(h.Key) ?? 0)),
                ct);
            return moves[0] with { Failures = await FailuresAsync(plan, ct) };
        }

        private async Task<IReadOnlyList<MoveFailure>> FailuresAsync(Guid plan, CancellationToken ct) => await store.ReadAsync(
            $"""
            select sha256, tier, attempts, error from {MoveTable.MoveName}
            where plan = $1 and error is not null and state <> 'done' order by attempts desc, sha256 limit {MostFailures}
            """,
            [plan],
            row => new MoveFailure(
                Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)),
                TierWords.TryParse(row.GetString(1), out var tier) ? tier : Tier.Warm, row.GetInt32(2), row.GetString(3)),
            ct);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/tiers/progress",
                async (IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(), ct)).ToHttp())
            .Answers<Answer>("ShowTierProgress", "Show how far the applied tier plan is");
}
