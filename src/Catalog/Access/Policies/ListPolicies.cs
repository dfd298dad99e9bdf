using Catalog.Access.Policies;
using Catalog.Lineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Log;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>Lists statements of policy, as they are or were at a position or time.</summary>
public static class ListPolicies
{
    public sealed record Query(LogMoment? AsOf) : IRequest<Outcome<Answer>>;

    /// <param name="Position">The log position they stood at.</param>
    /// <param name="Statements">Sorted by id.</param>
    public sealed record Answer(long Position, IReadOnlyList<ListedStatement> Statements);

    /// <param name="Statement">What it says.</param>
    /// <param name="Position">Of the fact that said it.</param>
    /// <param name="SetAt">When that was recorded.</param>
    /// <param name="SetBy">By whom.</param>
    public sealed record ListedStatement(Statement Statement, long Position, DateTimeOffset SetAt, string? SetBy);

    internal sealed class Handler(PolicyFollower policies, PolicyMoments moments, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.Audit, resource: null).Refusal is { } no)
                return no;
            var position = await moments.PositionAsync(q.AsOf, ct);
            if (!position.Succeeded)
                return position.Problem;
            var statements = new SortedDictionary<string, ListedStatement>(StringComparer.Ordinal);
            foreach (var entry in policies.History.TakeWhile(e => e.Position <= position.Value.Position))
            {
                if (entry.Fact is PolicyStatementSet set)
                    statements[set.Statement.Id] = new(set.Statement, entry.Position, entry.Time, entry.By);
                else if (entry.Fact is PolicyStatementWithdrawn withdrawn)
                    statements.Remove(withdrawn.Id);
            }

            return new Answer(position.Value.Position, [.. statements.Values]);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/policies",
                async (HttpContext http, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(LogMoment.Read(http.Request.Query, "asOf")), ct)).ToHttp())
            .Reads(new RequestParameter("asOf", ParameterPlace.Query, "As they were then: a log position, or a time."))
            .Answers<Answer>("ListPolicies", "List statements of policy, as they are or were");
}

/// <summary>Which position of the log a question about policies means.</summary>
internal sealed class PolicyMoments(PolicyFollower policies, LogClock log)
{
    /// <summary>The newest position where no moment is given.</summary>
    public async Task<Outcome<PolicyMoment>> PositionAsync(LogMoment? asOf, CancellationToken ct)
    {
        if (asOf is null)
        {
            return await policies.ReachAsync(0, ct) is { } late ? late : new PolicyMoment(policies.Current.Position, Time: null);
        }

        var position = asOf.Position ?? await log.PositionAtAsync(asOf.Time ?? default, ct);
        return await policies.ReachAsync(position, ct) is { } unread ? unread : new PolicyMoment(position, asOf.Time);
    }
}

/// <param name="Position">In the log.</param>
/// <param name="Time">As it was asked for; null where a position was.</param>
internal sealed record PolicyMoment(long Position, DateTimeOffset? Time);
