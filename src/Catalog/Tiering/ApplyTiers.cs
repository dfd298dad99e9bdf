using Catalog.Access;
using Catalog.Garbage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Catalog.Platform.Writes;
using Catalog.Tiers;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Tiering;

/// <summary>
/// A plan was made of the policies as they were, and servers began to bring objects where they belong. The plan before it ended.
/// </summary>
/// <param name="Plan">Its id.</param>
/// <param name="ToCold">Objects to be archived.</param>
/// <param name="ToWarm">Objects to be brought back.</param>
/// <param name="Bytes">Of all these objects.</param>
/// <param name="Held">Objects to be held in caches.</param>
/// <param name="HeldBytes">Of those.</param>
public sealed record TiersApplied(Guid Plan, long ToCold, long ToWarm, long Bytes, long Held, long HeldBytes);

/// <summary>Plans anew, and has the servers move what belongs elsewhere, in the background.</summary>
public static class ApplyTiers
{
    public sealed record Command(long? AtLeast) : IRequest<Outcome<Answer>>;

    /// <param name="Plan">To be recognised by in the progress; null where everything is where it belongs already.</param>
    /// <param name="Objects">To be moved.</param>
    /// <param name="Bytes">Of those.</param>
    /// <param name="Held">Objects to be held in caches.</param>
    /// <param name="Notes">What the policies want and this server cannot do.</param>
    /// <param name="Position">Of the log, for <c>atLeast</c>.</param>
    public sealed record Answer(Guid? Plan, long Objects, long Bytes, long Held, IReadOnlyList<string> Notes, long Position);

    internal sealed class Handler(
        TierPlanner planner, StoreMarks marks, WritePath writes, Gate gate, ProjectionProgress progress, TierSignal signal)
        : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            if ((gate.Ask(Act.Operate, resource: null).Refusal
                    ?? await progress.WaitForAsync(c.AtLeast, ct) ?? await marks.FindOthersAsync(ct)) is { } no)
                return no;
            var draft = await planner.DraftAsync(ct);
            var moves = draft.Moves.ToList();
            var held = draft.Held.ToList();
            var applied = new TiersApplied(
                Guid.CreateVersion7(),
                moves.Count(m => m.To == Tier.Cold),
                moves.Count(m => m.To == Tier.Warm),
                moves.Sum(m => m.Object.Bytes),
                held.Count,
                held.Sum(h => h.Object.Bytes));
            var written = await writes.DecideAsync<CatalogState>(
                CatalogState.Stream, state => Decide(state, applied), ct, beside: (rows, _) =>
                {
                    foreach (var (sha256, stored, to) in moves)
                        rows.Add(MoveTable.Moves, applied.Plan, Convert.FromHexString(sha256), stored.Bytes, TierWords.Write(to));
                    foreach (var (sha256, stored) in held)
                        rows.Add(MoveTable.Held, applied.Plan, Convert.FromHexString(sha256), stored.Bytes);
                });
            signal.Raise();
            return written.Decision is Decision.Refused refused
                ? Problem.Refused(refused)
                : new Answer(
                    written.Decision is Decision.Accepted ? applied.Plan : null, moves.Count, applied.Bytes, held.Count,
                    draft.Summarize(0).Notes, written.Position);
        }
    }

    /// <summary>The first plan of all is worth a fact only where it does something; a later one also ends the one before.</summary>
    public static Decision Decide(CatalogState? state, TiersApplied plan) =>
        state?.TierPlan is null && plan is { ToCold: 0, ToWarm: 0, Held: 0 } ? Decision.Unchanged : Decision.Accept(plan);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/tiers/apply",
                async (QueryPosition atLeast, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(atLeast.Value), ct)).ToHttp())
            .Answers<Answer>("ApplyTiers", "Bring everything to the tier where it belongs, in the background");
}
