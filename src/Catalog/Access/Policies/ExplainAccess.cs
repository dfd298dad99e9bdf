using Catalog.Access.Policies;
using Catalog.Lineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>
/// Says what the gate answers to a question, or would have answered at a past moment, by which statements, and which permissions fail at
/// one clause. Everybody may ask about themselves; about others, whoever may audit.
/// </summary>
public static class ExplainAccess
{
    /// <param name="Act">What is to be done.</param>
    /// <param name="Node">To what; null for the catalog itself.</param>
    /// <param name="Principal">Who; null for whoever asks.</param>
    /// <param name="Purpose">What for; null for none declared.</param>
    /// <param name="Role">What the key allows; null for the strongest of the principal's keys then.</param>
    /// <param name="Groups">Groups that a token says the principal is in.</param>
    /// <param name="AsOfPosition">As it was at this log position.</param>
    /// <param name="AsOf">As it was at this time.</param>
    public sealed record Query(
        Act Act, NodeId? Node = null, string? Principal = null, Purpose? Purpose = null, Role? Role = null,
        IReadOnlyList<string>? Groups = null, long? AsOfPosition = null, DateTimeOffset? AsOf = null) : IRequest<Outcome<Answer>>;

    /// <param name="Allowed">Whether it may be.</param>
    /// <param name="Ground">What that rests on.</param>
    /// <param name="Position">The log position of the policies that answered.</param>
    /// <param name="Principal">Who was asked about.</param>
    /// <param name="Role">What the key allows by itself.</param>
    /// <param name="Reasons">Sentences.</param>
    /// <param name="Statements">The statements that decide, whole; roles stand in <paramref name="Reasons"/> only.</param>
    /// <param name="Obligations">Which columns are masked, and which rows left out.</param>
    /// <param name="NearMisses">Permissions that fail at one clause.</param>
    /// <param name="Tags">That the thing bears and policies speak of.</param>
    /// <param name="Groups">That the principal is in.</param>
    public sealed record Answer(
        bool Allowed, AccessGround Ground, long Position, string Principal, Role Role, IReadOnlyList<string> Reasons,
        IReadOnlyList<Statement> Statements, AccessObligations Obligations, IReadOnlyList<NearMiss> NearMisses,
        IReadOnlyList<string> Tags, IReadOnlyList<string> Groups);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Act).IsInEnum();
            RuleFor(q => q.Principal).IsPrincipal().When(q => q.Principal is not null);
            RuleFor(q => q.Groups).Must(g => g is null || g.All(IsGroup))
                .WithMessage("must be names of groups, without control characters.");
            RuleFor(q => q.AsOf).Must((q, t) => t is null || q.AsOfPosition is null)
                .WithMessage("cannot be given with asOfPosition: a time, or a position.");
        }
    }

    private static bool IsGroup(string? name) => name is { Length: > 0 and <= Limits.Principal } && !name.Any(char.IsControl);

    internal sealed class Handler(PolicyFollower policies, PolicyMoments moments, Caller caller, TimeProvider clock, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var who = caller.Identity;
            var isOfSelf = q.Principal is null || q.Principal == who.Principal;
            var mayAudit = gate.Lets(Act.Audit, resource: null);
            if (!isOfSelf && gate.Ask(Act.Audit, resource: null).Refusal is { } no)
                return no;
            var asOf = q.AsOf is null && q.AsOfPosition is null ? null : new LogMoment(q.AsOfPosition, q.AsOf);
            var moment = await moments.PositionAsync(asOf, ct);
            if (!moment.Succeeded)
                return moment.Problem;

            var view = asOf is null ? policies.Current : policies.At(moment.Value.Position);
            var time = moment.Value.Time ?? (asOf is null ? clock.GetUtcNow() : TimeOf(moment.Value.Position));
            var principal = q.Principal ?? who.Principal;
            if (!mayAudit)
                q = q with { Role = null, Groups = null };
            var role = q.Role ?? (isOfSelf && asOf is null ? who.Role : view.Book.RoleOf(principal, time));
            var request = new AccessRequest(principal, q.Act, q.Node, q.Purpose ?? (isOfSelf ? who.Purpose : null), [])
            {
                Role = role,
                Groups = q.Groups ?? (isOfSelf ? who.Groups : []),
                Address = isOfSelf ? who.Address : null,
            };
            var told = Tell(view, request, view.Policies.Explain(request, time, full: mayAudit), mayAudit);
            return mayAudit || q.Node is not { } node || gate.Lets(Act.Read, node) ? told : Blank(told);
        }

        private static Answer Tell(PolicyView view, AccessRequest request, AccessExplanation told, bool mayAudit)
        {
            var statements = told.Decision.Statements.Select(id => view.Book.Set.Statements.GetValueOrDefault(id)).OfType<Statement>();
            return new Answer(
                told.Decision.Allowed, told.Decision.Ground, view.Position, request.Principal, request.Role, told.Decision.Reasons,
                [.. mayAudit ? statements : statements.Select(Public)], told.Decision.Obligations, told.NearMisses, told.Tags, told.Groups);
        }

        /// <summary>
        /// Of what may not be looked at it is told which permissions of one's own nearly fit, and nothing that it is or bears: not even
        /// that it is there.
        /// </summary>
        private static Answer Blank(Answer told) => told with
        {
            Statements = [],
            Obligations = AccessObligations.None,
            NearMisses = [.. told.NearMisses.Where(n => n.Clause != "tags")],
            Tags = [],
        };

        /// <summary>Whom and what else a statement is about is for auditors.</summary>
        private static Statement Public(Statement statement) => statement with { Principals = [], Resources = [] };

        private DateTimeOffset TimeOf(long position) =>
            policies.History.LastOrDefault(e => e.Position <= position)?.Time ?? clock.GetUtcNow();
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/access/explain",
                async (Query q, IMediator mediator, CancellationToken ct) => (await mediator.Send(q, ct)).ToHttp())
            .Answers<Answer>("ExplainAccess", "Say what the gate answers, or would have answered then, and why");
}
