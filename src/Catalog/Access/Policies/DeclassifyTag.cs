using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>A tag that a thing inherits ends at it: neither it nor what is made of it bears the tag by way of it.</summary>
/// <param name="Node">A thing, version or column.</param>
/// <param name="Tag">The tag.</param>
/// <param name="Reason">Why what it stands for is not there any more.</param>
public sealed record TagDeclassified(NodeId Node, string Tag, string Reason);

/// <summary>A tag no longer ends at a thing.</summary>
/// <param name="Node">A thing, version or column.</param>
/// <param name="Tag">The tag.</param>
/// <param name="Reason">Why it is there after all.</param>
public sealed record TagReclassified(NodeId Node, string Tag, string Reason);

/// <summary>Which tags end at one thing, its versions or columns.</summary>
public sealed record Declassifications : IState<Declassifications>
{
    public required string Id { get; init; }

    public IReadOnlyList<TagDeclassified> Ends { get; init; } = [];

    public static string StreamId(NodeId node) => $"declassifications:{node.StreamId}";

    public static Declassifications? Fold(Declassifications? state, object fact) => fact switch
    {
        TagDeclassified f => new Declassifications { Id = StreamId(f.Node), Ends = [.. Without(state, f.Node, f.Tag), f] },
        TagReclassified f when state is not null => state with { Ends = [.. Without(state, f.Node, f.Tag)] },
        _ => state,
    };

    private static IEnumerable<TagDeclassified> Without(Declassifications? state, NodeId node, string tag) =>
        (state?.Ends ?? []).Where(e => e.Node != node || e.Tag != tag);
}

/// <summary>Says that a tag ends at a thing, version or column, and why; or that it does not.</summary>
public static class DeclassifyTag
{
    /// <param name="Node">A thing, version (by number) or column.</param>
    /// <param name="Tag">The tag that ends there.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Withdraw">It does not end there any more.</param>
    public sealed record Command(NodeId Node, string Tag, string Reason, bool Withdraw = false) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Tag).IsTag();
            RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Message);
            RuleFor(c => c.Node).Must(n => n.Version is null || n.VersionNumber is not null)
                .WithMessage("must name a version by its number: an alias can move.");
        }
    }

    public static Decision Decide(Declassifications? state, Command c)
    {
        var ends = state?.Ends.FirstOrDefault(e => e.Node == c.Node && e.Tag == c.Tag);
        if (c.Withdraw)
            return ends is null ? Decision.Unchanged : Decision.Accept(new TagReclassified(c.Node, c.Tag, c.Reason));
        return ends?.Reason == c.Reason ? Decision.Unchanged : Decision.Accept(new TagDeclassified(c.Node, c.Tag, c.Reason));
    }

    internal sealed class Handler(WritePath writes, Makers makers, Gate gate)
        : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Govern, c.Node, c.Tag).Refusal is { } no)
                return no;
            if (await makers.OfAsync(c.Node, ct) is { Succeeded: false } missing)
                return missing.Problem;
            var written = await writes.DecideAsync<Declassifications>(
                Declassifications.StreamId(c.Node), state => Decide(state, c), ct);
            return written.ToOutcome(c.Node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/access/declassifications",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp())
            .Answers<Receipt>(
                "DeclassifyTag", "Say that a tag ends at a thing, and why; or that it does not", created: true,
                also: [ProblemKind.NotFound]);
}
