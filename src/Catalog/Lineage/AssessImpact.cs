using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Lineage;

/// <summary>
/// What a dataset, version, column or tag reaches: every version, model, deployment, feature view and generation made from it, whom they
/// belong to, and the shortest reason for each.
/// </summary>
public static class AssessImpact
{
    public sealed record Query(NodeId? Node, string? Tag, LineageQuestion Question) : IRequest<Outcome<Answer>>;

    /// <param name="Of">Where it begins: the node asked for, or each thing that carries the tag.</param>
    /// <param name="Position">Log position that the answer includes.</param>
    /// <param name="Truncated">Whether a limit left nodes out.</param>
    /// <param name="Versions">Dataset versions, from near to far.</param>
    /// <param name="Models">Model versions, from near to far.</param>
    /// <param name="Deployments">Where those serve.</param>
    /// <param name="FeatureViews">Versions of feature views that take their events from there.</param>
    /// <param name="FeatureServices">Versions of feature services that serve those.</param>
    /// <param name="Generations">Generations of features that were computed from there.</param>
    /// <param name="Columns">Columns and features, when it begins at one.</param>
    /// <param name="Owners">Whom the datasets, models, feature views and services belong to, and what of theirs it is.</param>
    /// <param name="Redacted">How many nodes stand for others, which the caller may not see.</param>
    public sealed record Answer(
        IReadOnlyList<NodeId> Of, long Position, bool Truncated, IReadOnlyList<Affected> Versions, IReadOnlyList<Affected> Models,
        IReadOnlyList<Affected> Deployments, IReadOnlyList<Affected> FeatureViews, IReadOnlyList<Affected> FeatureServices,
        IReadOnlyList<Affected> Generations, IReadOnlyList<Affected> Columns, IReadOnlyList<AffectedOwner> Owners,
        int Redacted);

    /// <param name="Node">What is affected.</param>
    /// <param name="Depth">Steps from where it begins.</param>
    /// <param name="Reason">A shortest way from there, both ends included.</param>
    public sealed record Affected(NodeId Node, int Depth, IReadOnlyList<NodeId> Reason);

    /// <param name="Owner">As registered, or as an event's facet <c>ownership</c> names them where nothing is registered.</param>
    /// <param name="Things">Datasets, models, feature views and services of theirs that are affected.</param>
    public sealed record AffectedOwner(string Owner, IReadOnlyList<NodeId> Things);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Node).Must((q, _) => q.Node is null != q.Tag is null)
            .WithMessage(
                "or 'tag' must be given, and not both: " +
                "'dataset:demo/flights', 'dataset:demo/flights@1', 'dataset:demo/flights#delay', or a tag.");
    }

    internal sealed class Handler(LineageReader lineage, Owners owners, LineageSight sight, ProjectionProgress progress, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            if (q.Node is { } asked && gate.Ask(Act.Read, asked).Refusal is { } no)
                return no;
            if (await progress.WaitForAllAsync(q.Question.AtLeast, ct) is { } late)
                return late;
            var scene = await lineage.SetAsync(q.Question with { Granularity = LineageGranularity.Version }, ct);
            if (!scene.Succeeded)
                return scene.Problem;
            var starts = q.Node is { } node ? await StartsAsync(node, scene.Value, ct) : Tagged(q.Tag ?? "", scene.Value);
            return starts.Succeeded ? await AssessAsync(starts.Value, scene.Value, q.Question, ct) : starts.Problem;
        }

        private async Task<Outcome<IReadOnlyList<NodeId>>> StartsAsync(NodeId node, Scene scene, CancellationToken ct)
        {
            var at = node switch
            {
                { Column: not null } => LineageGranularity.Column,
                { Version: null, Kind: NodeKind.Dataset or NodeKind.Model or NodeKind.FeatureView or NodeKind.FeatureService } =>
                    LineageGranularity.Dataset,
                _ => LineageGranularity.Version,
            };
            var found = await lineage.ResolveAsync(node, scene with { Granularity = at }, ct);

            // A column that no event named may still be one: what reads its dataset reads it.
            if (found.Problem is not null && at == LineageGranularity.Column && await IsDatasetAsync(node.WithoutVersion(), scene, ct))
                found = new NodeRef(node);
            return found.Succeeded ? new List<NodeId> { found.Value.Node } : found.Problem;
        }

        /// <summary>What a job reaches, its runs reach.</summary>
        private static Outcome<IReadOnlyList<NodeId>> Tagged(string tag, Scene scene) =>
            new List<NodeId>(scene.CarriersOf([tag])
                .SelectMany(c => c.Kind == NodeKind.Job ? RunsOf(c, scene) : [c]).Distinct().Order(NodeId.Order));

        private static IEnumerable<NodeId> RunsOf(NodeId job, Scene scene) =>
            scene.View.Find(job) is var number and >= 0
                ? scene.View.Neighbours(number, into: false, LineageRelations.Of(LineageRelation.Ran), scene.Moment)
                    .Select(r => scene.View.NodeOf(r.Node))
                : [];

        private async Task<bool> IsDatasetAsync(NodeId node, Scene scene, CancellationToken ct) =>
            (await lineage.ResolveAsync(node, scene with { Granularity = LineageGranularity.Dataset }, ct)).Succeeded;

        private async Task<Answer> AssessAsync(IReadOnlyList<NodeId> starts, Scene scene, LineageQuestion question, CancellationToken ct)
        {
            var impact = Impact.Of(starts, scene, question.Depth, question.Limit);
            var affected = await owners.OfAsync(
                [.. impact.Nodes.Where(a => sight.Shows(a.Node)).Select(a => a.Node.WithoutVersion()).Distinct()], ct);
            var kinds = ((NodeKind[])
                [NodeKind.Dataset, NodeKind.Model, NodeKind.Deployment, NodeKind.FeatureView, NodeKind.FeatureService, NodeKind.Generation])
                .Select(kind => Seen(impact.OfKind(kind))).ToList();
            var (columns, of) = (Seen(impact.Columns), starts.Select(sight.Show).ToList());
            return new Answer(
                of, scene.Position, impact.Truncated, kinds[0], kinds[1], kinds[2], kinds[3], kinds[4], kinds[5], columns, affected,
                sight.Redacted);
        }

        private IReadOnlyList<Affected> Seen(IReadOnlyList<Affected> affected) =>
            [.. affected.Select(a => a with { Node = sight.Show(a.Node), Reason = [.. a.Reason.Select(sight.Show)] })];
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/lineage/impact",
                async (QueryNode node, HttpContext http, LineageQuestion question, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(node.Node, QueryWords.Text(http.Request.Query, "tag"), question), ct)).ToHttp())
            .Answers<Answer>("AssessImpact", "List what a dataset, version, column or tag reaches, and why", also: ProblemKind.NotFound);
}
