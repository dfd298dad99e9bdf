using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>A dataset entered the catalog under a name that is never reused.</summary>
public sealed record DatasetRegistered(string Namespace, string Name, string Owner, string Documentation, IReadOnlyList<string> Tags);

/// <summary>Puts a new dataset in the catalog.</summary>
public static class RegisterDataset
{
    public sealed record Command(
        string Namespace, string Name, string Owner, string? Documentation = null, IReadOnlyList<string>? Tags = null)
        : IRequest<Outcome<Receipt>>;

    /// <summary>Shape only. Anything that needs the stream belongs in <see cref="Decide"/>.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Namespace).IsName();
            RuleFor(c => c.Name).IsName();
            RuleFor(c => c).FitsStream(NodeKind.Dataset, c => (c.Namespace, c.Name));
            RuleFor(c => c.Owner).IsPrincipal();
            RuleFor(c => c.Documentation).IsText(Limits.Documentation);
            RuleFor(c => c.Tags).AreTags();
        }
    }

    public static Decision Decide(Dataset? state, Command c) => state switch
    {
        null => Decision.Accept(new DatasetRegistered(c.Namespace, c.Name, c.Owner, c.Documentation ?? "", c.Tags ?? [])),
        { Retired: true } => Decision.Refuse("dataset.retired", $"'{c.Namespace}/{c.Name}' was retired; names are not reused."),
        _ when state.Owner == c.Owner => Decision.Unchanged,
        _ => Decision.Refuse("dataset.exists", $"'{c.Namespace}/{c.Name}' is already registered, with another owner."),
    };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name);
            return gate.Ask(Act.Register, node, c.Tags ?? []).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Dataset>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/datasets", async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp())
            .Answers<Receipt>("RegisterDataset", "Put a new dataset in the catalog", created: true);
}
