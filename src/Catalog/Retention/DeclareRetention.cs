using Catalog.Access;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Retention;

/// <summary>From here on versions of the dataset are kept as long as this says.</summary>
public sealed record RetentionDeclared(RetentionPolicy Policy);

/// <summary>From here on versions of the dataset are kept for good.</summary>
public sealed record RetentionWithdrawn;

/// <summary>Declares how long a dataset's versions are kept. Nothing goes by it before <see cref="ExpireVersions"/>.</summary>
public static class DeclareRetention
{
    /// <param name="Namespace">Of the dataset.</param>
    /// <param name="Name">Of the dataset.</param>
    /// <param name="Policy">Null to keep all versions.</param>
    public sealed record Command(string Namespace, string Name, RetentionPolicy? Policy) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Policy).Custom((policy, context) =>
        {
            if (policy?.Check() is var (field, message))
                context.AddFailure(field, message);
        });
    }

    public static Decision Decide(Dataset? state, Command c) =>
        !DatasetRules.Writable(state, NodeId.Dataset(c.Namespace, c.Name), out var no) ? no
        : state.Retention == c.Policy ? Decision.Unchanged
        : Decision.Accept(c.Policy is { } policy ? new RetentionDeclared(policy) : new RetentionWithdrawn());

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name);
            return gate.Ask(Act.Operate, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Dataset>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/datasets/{ns}/{name}/retention",
                async (Segment ns, Segment name, RetentionPolicy body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, body), ct)).ToHttp())
            .Answers<Receipt>("DeclareRetention", "Declare how long a dataset's versions are kept");
        routes.MapDelete(
                "/v1/datasets/{ns}/{name}/retention",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, Policy: null), ct)).ToHttp())
            .Answers<Receipt>("WithdrawRetention", "Keep all versions of a dataset");
    }
}
