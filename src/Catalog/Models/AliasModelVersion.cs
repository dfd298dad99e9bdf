using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Models;

/// <summary>Points an alias such as <c>champion</c> to a model version, or takes the alias away.</summary>
public static class AliasModelVersion
{
    public sealed record Body(long Version);

    public sealed record Command(string Namespace, string Name, string Alias, long? Number, long? ExpectedStreamVersion)
        : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Alias).IsAlias();
            RuleFor(c => c.Number).GreaterThanOrEqualTo(1).OverridePropertyName("version");
        }
    }

    public static Decision Decide(Model? state, Command c)
    {
        var node = NodeId.Model(c.Namespace, c.Name);
        return !ModelRules.Writable(state, node, out var no) ? no
            : (c.Number, state.Aliases.TryGetValue(c.Alias, out var now)) switch
            {
                (null, false) => Decision.Unchanged,
                (null, true) => Decision.Accept(new ModelAliasRemoved(c.Alias)),
                ({ } number, _) when number > state.Latest => Decision.Refuse(
                    "version.not_found", $"'{node}' has no version {number}; the latest is {state.Latest}."),
                ({ } number, true) when number == now => Decision.Unchanged,
                ({ } number, _) => Decision.Accept(new ModelAliasSet(c.Alias, number)),
            };
    }

    internal sealed class Handler(WritePath writes, PolicyFollower policies, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Model(c.Namespace, c.Name);
            var alias = node.WithVersion(c.Alias);
            if (c.Number is { } meant && await policies.KnowAsync(node.WithVersion(meant), ct) is { } late)
                return late;
            return (c.Number is { } wanted ? gate.AskFor(Act.Alias, alias, node.WithVersion(wanted)) : gate.Ask(Act.Alias, alias)).Refusal
                is { } no
                ? no
                : (await writes.DecideAsync<Model>(node.StreamId, state => Decide(state, c), ct, expectedVersion: c.ExpectedStreamVersion))
                    .ToOutcome(node.WithVersion(c.Alias), c.Number);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/models/{ns}/{name}/aliases/{alias}",
                async (Segment ns, Segment name, Segment alias, IfMatch ifMatch, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, alias, body.Version, ifMatch.Version), ct)).ToHttp())
            .Answers<Receipt>("SetModelAlias", "Point an alias to a model version");
        routes.MapDelete(
                "/v1/models/{ns}/{name}/aliases/{alias}",
                async (Segment ns, Segment name, Segment alias, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, alias, Number: null, ifMatch.Version), ct)).ToHttp())
            .Answers<Receipt>("RemoveModelAlias", "Take an alias away");
    }
}
