using Catalog.Access.Policies;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>Somebody approved that others do something to a thing or version.</summary>
/// <param name="Node">What it is done to.</param>
/// <param name="Act">What is done.</param>
/// <param name="By">Principal.</param>
/// <param name="Reason">Why it is right.</param>
/// <param name="ExpiresAt">Until when it counts, not including; null for ever.</param>
public sealed record ApprovalGiven(NodeId Node, Act Act, string By, string Reason, DateTimeOffset? ExpiresAt);

/// <summary>Somebody took an approval back.</summary>
public sealed record ApprovalWithdrawn(NodeId Node, Act Act, string By);

/// <summary>What was approved of one thing, in all its versions.</summary>
public sealed record Approvals : IState<Approvals>
{
    public required string Id { get; init; }

    public IReadOnlyList<ApprovalGiven> Given { get; init; } = [];

    public static string StreamId(NodeId node) => $"approvals:{node.StreamId}";

    public static Approvals? Fold(Approvals? state, object fact) => fact switch
    {
        ApprovalGiven f => new Approvals { Id = StreamId(f.Node), Given = [.. Without(state, f.Node, f.Act, f.By), f] },
        ApprovalWithdrawn f when state is not null => state with { Given = [.. Without(state, f.Node, f.Act, f.By)] },
        _ => state,
    };

    private static IEnumerable<ApprovalGiven> Without(Approvals? state, NodeId node, Act act, string by) =>
        (state?.Given ?? []).Where(g => g.Node != node || g.Act != act || g.By != by);
}

/// <summary>
/// Approves that others do something to a version or thing, where a policy makes them wait for it; or takes that back. Who made the version
/// cannot, and whose approval it is cannot use it: it takes two.
/// </summary>
public static class ApproveAct
{
    /// <param name="Node">A dataset, model or feature view, or a version by its number.</param>
    /// <param name="Act">What is approved.</param>
    /// <param name="Reason">Why it is right; to take an approval back, why not.</param>
    /// <param name="ExpiresAt">Until when it counts; null for ever.</param>
    /// <param name="Withdraw">Take it back.</param>
    public sealed record Command(NodeId Node, Act Act, string Reason, DateTimeOffset? ExpiresAt = null, bool Withdraw = false)
        : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator(TimeProvider clock)
        {
            RuleFor(c => c.Act).IsInEnum();
            RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Message);
            RuleFor(c => c.Node).Must(n => n.Version is null || n.VersionNumber is not null)
                .WithMessage("must name a version by its number: an alias can move.");
            RuleFor(c => c.ExpiresAt).Must(t => t is null || t > clock.GetUtcNow()).WithMessage("must lie in the future.");
        }
    }

    public static Decision Decide(Approvals? state, Command c, string by, string? maker)
    {
        var given = state?.Given.FirstOrDefault(g => g.Node == c.Node && g.Act == c.Act && g.By == by);
        if (c.Withdraw)
            return given is null ? Decision.Unchanged : Decision.Accept(new ApprovalWithdrawn(c.Node, c.Act, by));
        if (by == maker)
            return Decision.Refuse("approval.own_work", $"'{by}' made '{c.Node}', and cannot approve it: somebody else has to.");
        var wanted = new ApprovalGiven(c.Node, c.Act, by, c.Reason, c.ExpiresAt?.ToUniversalTime());
        return wanted == given ? Decision.Unchanged : Decision.Accept(wanted);
    }

    internal sealed class Handler(WritePath writes, Makers makers, Caller caller, Gate gate)
        : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Approve, c.Node).Refusal is { } no)
                return no;
            var maker = await makers.OfAsync(c.Node, ct);
            if (!maker.Succeeded)
                return maker.Problem;
            var by = caller.Identity.Principal;
            var written = await writes.DecideAsync<Approvals>(
                Approvals.StreamId(c.Node), state => Decide(state, c, by, maker.Value.Principal), ct);
            return written.ToOutcome(c.Node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/access/approvals",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp())
            .Answers<Receipt>(
                "ApproveAct", "Approve what a policy makes others wait for, or take that back", created: true,
                also: [ProblemKind.NotFound]);
}
