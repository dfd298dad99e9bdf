using Catalog.Access;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Serving.Metrics;
using Catalog.Storage.Columnar.PointInTime;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Serving.Materialization;

/// <summary>
/// Makes the values of a view, or of all views of a service, that are served from then on. What served before goes on until all are there;
/// then they take its place together. Whatever stops it leaves everything as it was.
/// </summary>
public static class MaterializeFeatures
{
    /// <param name="Node">A feature view or service, with or without a version.</param>
    /// <param name="From">The version of the dataset that all views are of: a number or an alias; the latest where left out.</param>
    /// <param name="AsOf">Events up to there count, and windows end there; now where left out.</param>
    /// <param name="Full">Read all events, also where only some came since the generation that serves.</param>
    /// <param name="Activate">Serve it, once it is there.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Body(
        NodeId Node, string? From = null, DateTimeOffset? AsOf = null, bool Full = false, bool Activate = true, string? Reason = null);

    public sealed record Command(Body Wanted, IProgress<MaterializeProgress>? Progress) : IRequest<Outcome<Answer>>;

    /// <param name="Generations">By view.</param>
    /// <param name="Changed">False where what serves has it all.</param>
    /// <param name="Activated">Whether all of them serve now.</param>
    /// <param name="NotActivated">Why they do not.</param>
    /// <param name="Run">That made them; null where nothing was to be made.</param>
    /// <param name="Position">Log position that includes it, for <c>atLeast</c>.</param>
    public sealed record Answer(
        IReadOnlyList<MaterializedView> Generations, bool Changed, bool Activated, string? NotActivated, NodeId? Run, long Position);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Wanted.From).Must(v => v is null || Names.CheckVersion(v) is null)
                .WithMessage("must be a version number or an alias.").OverridePropertyName("from");
            RuleFor(c => c.Wanted.Reason).IsText(Limits.Prose).OverridePropertyName("reason");
        }
    }

    internal sealed class Handler(
        FeatureViews views, FeatureServiceLookup services, OrderGenerations orders, MakeGenerations making, MaterializationTurns turns,
        MaterializationMeter meter, TimeProvider clock, Gate gate) : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Deploy, c.Wanted.Node).Refusal is { } never)
                return never;
            var wanted = await FindAsync(c.Wanted.Node, ct);
            if (!wanted.Succeeded)
                return wanted.Problem;
            foreach (var view in wanted.Value)
            {
                if ((gate.Ask(Act.Deploy, view.Node, view.Tags).Refusal
                        ?? gate.Ask(Act.ReadData, view.Definition.Source.Dataset).Refusal) is { } no)
                    return no;
            }

            if (c.Wanted.From is not null && wanted.Value.Select(v => v.Definition.Source.Dataset).Distinct().Skip(1).Any())
                return Problem.Field("request.invalid", "from", "must be left out: the views are of several datasets.");
            using var turn = await turns.TakeAsync(wanted.Value.Select(v => v.Node.ToString()), ct);
            try
            {
                return await meter.MeasureAsync(c.Wanted.Node, () => MakeAsync(wanted.Value, c, ct));
            }
            catch (JoinException e)
            {
                return Problem.Of(e.Code, e.Message);
            }
        }

        private async Task<Outcome<Answer>> MakeAsync(IReadOnlyList<LocatedFeatureView> wanted, Command c, CancellationToken ct)
        {
            var ordered = await orders.OfAsync(wanted, c.Wanted, c.Wanted.AsOf ?? clock.GetUtcNow(), ct);
            return ordered.Succeeded ? await making.MakeAsync(c.Wanted, ordered.Value, c.Progress, ct) : ordered.Problem;
        }

        private async Task<Outcome<IReadOnlyList<LocatedFeatureView>>> FindAsync(NodeId node, CancellationToken ct)
        {
            IReadOnlyList<NodeId> wanted = [node];
            if (node.Kind == NodeKind.FeatureService)
            {
                var service = await services.FindAsync(node, ct);
                if (!service.Succeeded)
                    return service.Problem;
                wanted = [.. service.Value.Definition.Views.Select(v => v.View)];
            }

            var found = new List<LocatedFeatureView>();
            foreach (var view in wanted)
            {
                var located = await views.FindAsync(view, ct);
                if (!located.Succeeded)
                    return located.Problem;
                if (located.Value.Retired)
                    return Problem.Refused(FeatureViewRules.Retired(view.WithoutVersion()));
                found.Add(located.Value);
            }

            return found;
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-generations",
                (Body body, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    Ndjson.RunAsync<MaterializeProgress, Answer>(
                        http, (progress, token) => mediator.Send(new Command(body, progress), token), created: true, ct))
            .Answers<Answer>(
                "MaterializeFeatures", "Make the values of a view or service that are served", created: true,
                also: [ProblemKind.NotFound, ProblemKind.Unprocessable]);
}

/// <summary>A generation that was made of a view, or that serves and has it all.</summary>
/// <param name="View">By number.</param>
/// <param name="Generation">Its node.</param>
/// <param name="Sources">The dataset versions that it is of.</param>
/// <param name="AsOf">Events up to there are in it.</param>
/// <param name="Rows">Keys that have a row.</param>
/// <param name="Bytes">Of its file.</param>
/// <param name="Base">The generation that it went on from; null where all events were read.</param>
/// <param name="Changed">False where it serves already.</param>
public sealed record MaterializedView(
    NodeId View, NodeId Generation, IReadOnlyList<NodeId> Sources, DateTimeOffset AsOf, long Rows, long Bytes, NodeId? Base, bool Changed);
