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

/// <summary>A dataset's owner, documentation and datasheet are as given here.</summary>
public sealed record DatasetDescribed(string Owner, string Documentation, Datasheet Datasheet);

/// <summary>Says what a dataset is and who answers for it. What is left out stays as it was.</summary>
public static class DescribeDataset
{
    public sealed record Body(string? Owner = null, string? Documentation = null, Datasheet? Datasheet = null);

    public sealed record Command(string Namespace, string Name, Body Description, long? ExpectedStreamVersion) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Description.Owner).IsPrincipal().When(c => c.Description.Owner is not null).OverridePropertyName("owner");
            RuleFor(c => c.Description.Documentation).IsText(Limits.Documentation).OverridePropertyName("documentation");
            When(c => c.Description.Datasheet is not null, () =>
            {
                RuleFor(c => c.Description.Datasheet!.Licence).IsText(Limits.Prose).OverridePropertyName("datasheet.licence");
                RuleFor(c => c.Description.Datasheet!.Origin).IsText(Limits.Prose).OverridePropertyName("datasheet.origin");
                RuleFor(c => c.Description.Datasheet!.Collection).IsText(Limits.Prose).OverridePropertyName("datasheet.collection");
                RuleFor(c => c.Description.Datasheet!.LegalBasis).IsText(Limits.Prose).OverridePropertyName("datasheet.legalBasis");
                RuleFor(c => c.Description.Datasheet!.IntendedUse).IsText(Limits.Prose).OverridePropertyName("datasheet.intendedUse");
                RuleFor(c => c.Description.Datasheet!.KnownLimits).IsText(Limits.Prose).OverridePropertyName("datasheet.knownLimits");
            });
        }
    }

    public static Decision Decide(Dataset? state, Command c)
    {
        if (!DatasetRules.Writable(state, NodeId.Dataset(c.Namespace, c.Name), out var no))
            return no;

        var described = new DatasetDescribed(
            c.Description.Owner ?? state.Owner,
            c.Description.Documentation ?? state.Documentation,
            c.Description.Datasheet ?? state.Datasheet);
        return described == new DatasetDescribed(state.Owner, state.Documentation, state.Datasheet)
            ? Decision.Unchanged
            : Decision.Accept(described);
    }

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name);
            return gate.Ask(Act.Describe, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Dataset>(
                        node.StreamId, state => Decide(state, c), ct, expectedVersion: c.ExpectedStreamVersion))
                    .ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(
                "/v1/datasets/{ns}/{name}/description",
                async (Segment ns, Segment name, IfMatch ifMatch, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, body, ifMatch.Version), ct)).ToHttp())
            .Answers<Receipt>("DescribeDataset", "Say what a dataset is, who answers for it and how it may be used");
}
