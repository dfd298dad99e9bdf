using Catalog.Access.Policies;
using Catalog.Lineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>What changed in policies between two moments; and, of one thing, who gained access to it by that, and who lost it.</summary>
public static class ComparePolicies
{
    public sealed record Query(LogMoment From, LogMoment? To, NodeId? Node, Act Act) : IRequest<Outcome<Answer>>;

    /// <param name="From">Log position.</param>
    /// <param name="To">Log position.</param>
    /// <param name="Statements">Those that changed, sorted by id.</param>
    /// <param name="Flips">Of the node asked for: whose answer changed, by purpose.</param>
    public sealed record Answer(long From, long To, IReadOnlyList<PlannedStatement> Statements, IReadOnlyList<AccessFlip> Flips);

    /// <param name="Principal">Who.</param>
    /// <param name="Purpose">For what; null for none declared.</param>
    /// <param name="Before">What was answered.</param>
    /// <param name="After">What is answered.</param>
    /// <param name="Because">Statements that decide before or after, sorted.</param>
    public sealed record AccessFlip(
        string Principal, Purpose? Purpose, AccessVerdict Before, AccessVerdict After, IReadOnlyList<string> Because);

    internal sealed class Handler(PolicyFollower policies, PolicyMoments moments, TimeProvider clock, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.Audit, resource: null).Refusal is { } no)
                return no;
            var from = await moments.PositionAsync(q.From, ct);
            var to = await moments.PositionAsync(q.To, ct);
            if (!from.Succeeded)
                return from.Problem;
            if (!to.Succeeded)
                return to.Problem;
            var (before, after) = (policies.At(from.Value.Position), policies.At(to.Value.Position));
            var plan = PolicyPlan.Of([.. after.Book.Set.Statements.Values], before.Book.Set.Statements, prune: true);
            var changed = plan.Statements.Where(s => s.Change != PolicyChange.Unchanged).ToList();
            var flips = q.Node is { } node ? Flips(before, after, node, q.Act, clock.GetUtcNow()) : [];
            return new Answer(from.Value.Position, to.Value.Position, changed, flips);
        }
    }

    internal static IReadOnlyList<AccessFlip> Flips(PolicyView before, PolicyView after, NodeId node, Act act, DateTimeOffset now) =>
    [
        .. from principal in before.Book.Principals.Union(after.Book.Principals, StringComparer.Ordinal).Order(StringComparer.Ordinal)
           from purpose in Enum.GetValues<Purpose>().Select(p => (Purpose?)p).Prepend(null)
           let was = Ask(before, principal, purpose, node, act, now)
           let became = Ask(after, principal, purpose, node, act, now)
           where AccessVerdict.Of(was) != AccessVerdict.Of(became)
           select new AccessFlip(
               principal, purpose, AccessVerdict.Of(was), AccessVerdict.Of(became),
               [.. was.Statements.Union(became.Statements, StringComparer.Ordinal).Order(StringComparer.Ordinal)]),
    ];

    private static AccessDecision Ask(PolicyView view, string principal, Purpose? purpose, NodeId node, Act act, DateTimeOffset now) =>
        view.Policies.Answer(
            new AccessRequest(principal, act, node, purpose, []) { Role = view.Book.RoleOf(principal, now) }, now);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/policies/diff",
                async (QueryNode node, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(Read(node.Node, http.Request.Query), ct)).ToHttp())
            .Reads(
                new RequestParameter("from", ParameterPlace.Query, "A log position, or a time; 0 for before all policies."),
                new RequestParameter("to", ParameterPlace.Query, "A log position, or a time; now, when it is left out."),
                new RequestParameter("act", ParameterPlace.Query, "What is done to the node; read-data, when it is left out."))
            .Answers<Answer>("ComparePolicies", "What changed in policies, and who gained or lost access to a thing by it");

    private static Query Read(NodeId? node, IQueryCollection query)
    {
        var word = QueryWords.Text(query, "act");
        var act = word is null ? Act.ReadData : Acts.Read(word) ?? throw new ProblemException(
            Problem.Field("request.invalid", "act", $"There is no act '{word}'; there are {Acts.List}."));
        return new Query(LogMoment.Read(query, "from") ?? new LogMoment(0, Time: null), LogMoment.Read(query, "to"), node, act);
    }
}

/// <summary>An answer in one word each.</summary>
/// <param name="Ground">What it rests on.</param>
/// <param name="Obligations">What binds; equal to others that say the same.</param>
public sealed record AccessVerdict(AccessGround Ground, AccessObligations Obligations)
{
    internal static AccessVerdict Of(AccessDecision decision) => new(decision.Ground, decision.Obligations);
}
