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

/// <summary>An alias points to a version from here on.</summary>
public sealed record AliasSet(string Alias, long Number);

/// <summary>An alias points to nothing from here on.</summary>
public sealed record AliasRemoved(string Alias);

/// <summary>Points an alias such as <c>gold</c> to a version, or takes the alias away.</summary>
public static class AliasVersion
{
    public sealed record Body(long Version);

    /// <param name="Namespace">Of the dataset.</param>
    /// <param name="Name">Of the dataset.</param>
    /// <param name="Alias">Never all digits: those are version numbers.</param>
    /// <param name="Number">The version; null to take the alias away.</param>
    /// <param name="ExpectedStreamVersion">The <c>ETag</c> that the caller saw, where it said.</param>
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

    public static Decision Decide(Dataset? state, Command c)
    {
        var node = NodeId.Dataset(c.Namespace, c.Name);
        return !DatasetRules.Writable(state, node, out var no) ? no
            : (c.Number, state.Aliases.TryGetValue(c.Alias, out var now)) switch
            {
                (null, false) => Decision.Unchanged,
                (null, true) => Decision.Accept(new AliasRemoved(c.Alias)),
                ({ } number, _) when number > state.Latest => Decision.Refuse(
                    "version.not_found", $"'{node}' has no version {number}; the latest is {state.Latest}."),
                ({ } number, _) when state.Tombstoned.Contains(number) => Decision.Refuse(
                    "version.expired",
                    $"The files of '{node}@{number}' are not kept any more: an alias is for a version that can be read."),
                ({ } number, true) when number == now => Decision.Unchanged,
                ({ } number, _) => Decision.Accept(new AliasSet(c.Alias, number)),
            };
    }

    internal sealed class Handler(WritePath writes, PolicyFollower policies, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name);
            var alias = node.WithVersion(c.Alias);
            if (c.Number is { } meant && await policies.KnowAsync(node.WithVersion(meant), ct) is { } late)
                return late;
            return (c.Number is { } wanted ? gate.AskFor(Act.Alias, alias, node.WithVersion(wanted)) : gate.Ask(Act.Alias, alias)).Refusal
                is { } no
                ? no
                : (await writes.DecideAsync<Dataset>(
                        node.StreamId, state => Decide(state, c), ct, expectedVersion: c.ExpectedStreamVersion))
                    .ToOutcome(node.WithVersion(c.Alias), c.Number);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/datasets/{ns}/{name}/aliases/{alias}",
                async (Segment ns, Segment name, Segment alias, IfMatch ifMatch, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, alias, body.Version, ifMatch.Version), ct)).ToHttp())
            .Answers<Receipt>("SetAlias", "Point an alias to a version");
        routes.MapDelete(
                "/v1/datasets/{ns}/{name}/aliases/{alias}",
                async (Segment ns, Segment name, Segment alias, IfMatch ifMatch, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, alias, Number: null, ifMatch.Version), ct)).ToHttp())
            .Answers<Receipt>("RemoveAlias", "Take an alias away");
    }
}
