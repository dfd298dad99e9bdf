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

/// <summary>A dataset takes no more changes; its versions and its name stay.</summary>
public sealed record DatasetRetired(string Reason);

/// <summary>Ends a dataset's life in the catalog. History stays readable.</summary>
public static class RetireDataset
{
    public sealed record Body(string Reason);

    public sealed record Command(string Namespace, string Name, string Reason) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Prose);
    }

    public static Decision Decide(Dataset? state, Command c) => state switch
    {
        null => Decision.Refuse("dataset.not_found", $"There is no '{NodeId.Dataset(c.Namespace, c.Name)}'."),
        { Retired: true } => Decision.Unchanged,
        _ => Decision.Accept(new DatasetRetired(c.Reason)),
    };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name);
            return gate.Ask(Act.Retire, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Dataset>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/datasets/{ns}/{name}/retire",
                async (Segment ns, Segment name, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, body.Reason), ct)).ToHttp())
            .Answers<Receipt>("RetireDataset", "End a dataset's life; its history stays", created: true);
}
