using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Jobs;

/// <summary>
/// Logs parameters of a run. A parameter is said once: saying it again with the same value is fine, with another it is refused.
/// </summary>
public static class LogParameters
{
    public sealed record Body(IReadOnlyDictionary<string, string> Values);

    public sealed record Command(Guid Run, IReadOnlyDictionary<string, string> Values) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Values).NotEmpty().AreParameters();
    }

    public static Decision Decide(Run? run, Command c)
    {
        if (run is null)
            return Decision.Refuse("run.not_found", $"There is no 'run:{c.Run}'.");
        if (c.Values.FirstOrDefault(v => run.Parameters.TryGetValue(v.Key, out var said) && said != v.Value) is { Key: { } changed })
            return Decision.Refuse(
                "run.parameter_changed", $"Parameter '{changed}' was logged as '{run.Parameters[changed]}'; parameters do not change.");

        var news = c.Values.Where(v => !run.Parameters.ContainsKey(v.Key)).ToDictionary(StringComparer.Ordinal);
        return news.Count == 0 ? Decision.Unchanged
            : RunRules.NotRunning(run, c.Run, out var no) ? no
            : Decision.Accept(new RunParametersLogged(news));
    }

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Run(c.Run);
            return gate.Ask(Act.Run, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Run>(node.StreamId, run => Decide(run, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/runs/{id:guid}/parameters",
                async (Guid id, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, body.Values), ct)).ToHttp())
            .Answers<Receipt>("LogParameters", "Log parameters of a run", created: true);
}
