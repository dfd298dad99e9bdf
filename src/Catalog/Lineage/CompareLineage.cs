using System.ComponentModel.DataAnnotations;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Catalog.Schemas;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Lineage;

/// <summary>
/// Says what differs upstream of two nodes, or upstream of one node at two times: versions, schemas, code, parameters, environment.
/// </summary>
public static class CompareLineage
{
    /// <param name="From">The one.</param>
    /// <param name="To">The other; the same as the one when it is left out, to compare two times.</param>
    /// <param name="Question">As of when the one is asked for, and how far.</param>
    /// <param name="ToAsOf">As of when the other is; as of the same when it is left out.</param>
    /// <param name="ToAt">At what time; the same when it is left out.</param>
    public sealed record Query(NodeId? From, NodeId? To, LineageQuestion Question, LogMoment? ToAsOf, DateTimeOffset? ToAt)
        : IRequest<Outcome<Answer>>;

    /// <param name="From">By number.</param>
    /// <param name="To">By number.</param>
    /// <param name="Position">Log position that the answer includes.</param>
    /// <param name="Same">Whether nothing differs.</param>
    /// <param name="Datasets">Datasets and models upstream of which other versions were used.</param>
    /// <param name="Runs">Jobs upstream that ran differently, or on one side only.</param>
    public sealed record Answer(
        NodeId From, NodeId To, long Position, bool Same, IReadOnlyList<VersionsDiffer> Datasets, IReadOnlyList<RunsDiffer> Runs);

    /// <param name="Thing">The dataset or model.</param>
    /// <param name="From">Versions used on the one side; none when it was not used there.</param>
    /// <param name="To">Versions used on the other.</param>
    /// <param name="Schema">What changed between the newest of each, where both schemas are known.</param>
    public sealed record VersionsDiffer(NodeId Thing, IReadOnlyList<string> From, IReadOnlyList<string> To, SchemaChange? Schema);

    /// <param name="Job">The job.</param>
    /// <param name="From">The run nearest to the one node; null when the job had no part in it.</param>
    /// <param name="To">The run nearest to the other.</param>
    /// <param name="CodeRevision">
    /// Null when it is the same. Of runs that others told of it may be <c>sql</c> or <c>sourceCode</c>, and hold the text.
    /// </param>
    /// <param name="Parameters">Those that differ.</param>
    /// <param name="Environment">What differs of it.</param>
    public sealed record RunsDiffer(
        NodeId Job, NodeId? From, NodeId? To,
        ValueDiffers? CodeRevision, IReadOnlyList<ValueDiffers> Parameters, IReadOnlyList<ValueDiffers> Environment);

    /// <param name="Name">What differs.</param>
    /// <param name="From">On the one side; null when it is not there.</param>
    /// <param name="To">On the other.</param>
    public sealed record ValueDiffers(string Name, string? From, string? To);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.From).NotNull().WithMessage("must be given, such as 'model:demo/flight-delay@1'.");
            RuleFor(q => q.To).Must((q, to) => to is not null || q.ToAsOf is not null || q.ToAt is not null)
                .WithMessage("must be given, or 'toAsOf' or 'toAt' to compare one node at two times.");
        }
    }

    internal sealed class Handler(
        LineageReader lineage, RunTraitsReader traits, VersionSchemas schemas, ProjectionProgress progress, LineageSight sight, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        private const int MaxCode = 10_000;

        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Read, q.From).Refusal ?? gate.Ask(Act.Read, q.To ?? q.From).Refusal) is { } no)
                return no;
            if (await progress.WaitForAsync(q.Question.AtLeast, ct) is { } late)
                return late;
            var question = q.Question with { Granularity = LineageGranularity.Version };
            var otherQuestion = question with { AsOf = q.ToAsOf ?? question.AsOf, At = q.ToAt ?? question.At };
            var one = await SideAsync(q.From ?? default, question, ct);
            var other = await SideAsync(q.To ?? q.From ?? default, otherQuestion, ct);
            if (!one.Succeeded)
                return one.Problem;
            return other.Succeeded ? await CompareAsync(one.Value, other.Value, ct) : other.Problem;
        }

        private async Task<Outcome<Upstream>> SideAsync(NodeId node, LineageQuestion question, CancellationToken ct)
        {
            var scene = await lineage.SetAsync(question, ct);
            if (!scene.Succeeded)
                return scene.Problem;
            var root = await lineage.ResolveAsync(node, scene.Value, ct);
            return root.Succeeded ? Upstream.Of(root.Value.Node, scene.Value, question.Depth) : root.Problem;
        }

        private async Task<Answer> CompareAsync(Upstream one, Upstream other, CancellationToken ct)
        {
            var datasets = new List<VersionsDiffer>();
            foreach (var thing in one.Versions.Keys.Union(other.Versions.Keys).Where(sight.Shows).Order(NodeId.Order))
            {
                var (from, to) = (one.VersionsOf(thing), other.VersionsOf(thing));
                if (from.SequenceEqual(to, StringComparer.Ordinal))
                    continue;
                var schema = await SchemaChangeAsync(thing, (from, one.Scene), (to, other.Scene), ct);
                datasets.Add(new VersionsDiffer(thing, from, to, schema));
            }

            var runs = new List<RunsDiffer>();
            foreach (var job in one.Runs.Keys.Union(other.Runs.Keys).Where(sight.Shows).Order(NodeId.Order))
            {
                if (await RunsDifferAsync(job, (one.RunOf(job), one.Scene), (other.RunOf(job), other.Scene), ct) is { } differ)
                    runs.Add(differ);
            }

            var same = datasets.Count == 0 && runs.Count == 0;
            return new Answer(one.Root, other.Root, Math.Max(one.Scene.Position, other.Scene.Position), same, datasets, runs);
        }

        private async Task<SchemaChange?> SchemaChangeAsync(
            NodeId thing, (IReadOnlyList<string> Versions, Scene Scene) from, (IReadOnlyList<string> Versions, Scene Scene) to,
            CancellationToken ct) =>
            thing.Kind != NodeKind.Dataset || from.Versions.Count == 0 || to.Versions.Count == 0
                ? null
                : await schemas.CompareAsync(
                    (thing.WithVersion(from.Versions[^1]), from.Scene), (thing.WithVersion(to.Versions[^1]), to.Scene), ct);

        private async Task<RunsDiffer?> RunsDifferAsync(
            NodeId job, (NodeId? Run, Scene Scene) from, (NodeId? Run, Scene Scene) to, CancellationToken ct)
        {
            if (from.Run == to.Run)
                return null;
            if (from.Run is not { } before || to.Run is not { } after)
                return new RunsDiffer(job, from.Run, to.Run, CodeRevision: null, [], []);
            var one = await traits.ReadAsync(before, job, from.Scene.AsOf, ct);
            var other = await traits.ReadAsync(after, job, to.Scene.AsOf, ct);
            var code = Differ(one.Code?.Name ?? other.Code?.Name ?? "", one.Code?.Value, other.Code?.Value);
            code = code is null ? null : code with { From = Cut(code.From), To = Cut(code.To) };
            var parameters = Differ(one.Parameters, other.Parameters);
            var environment = Differ(one.Environment, other.Environment);
            var same = code is null && parameters.Count == 0 && environment.Count == 0;
            return same ? null : new RunsDiffer(job, before, after, code, parameters, environment);
        }

        private static List<ValueDiffers> Differ(IReadOnlyDictionary<string, string> from, IReadOnlyDictionary<string, string> to)
        {
            var keys = from.Keys.Union(to.Keys).Order(StringComparer.Ordinal);
            return [.. keys.Select(k => Differ(k, from.GetValueOrDefault(k), to.GetValueOrDefault(k))).OfType<ValueDiffers>()];
        }

        /// <summary>A notebook's source need not be shown whole to see that it differs.</summary>
        private static string? Cut(string? code) => code is { Length: > MaxCode } ? $"{code.AsSpan(0, MaxCode)}…" : code;

        private static ValueDiffers? Differ(string name, string? from, string? to) =>
            string.Equals(from, to, StringComparison.Ordinal) ? null : new ValueDiffers(name, from, to);
    }

    /// <summary>What lies upstream of a node: versions by what they are versions of, and runs by their job.</summary>
    private sealed record Upstream(
        NodeId Root, Scene Scene, IReadOnlyDictionary<NodeId, List<string>> Versions, IReadOnlyDictionary<NodeId, List<NodeId>> Runs)
    {
        public static Upstream Of(NodeId root, Scene scene, int depth)
        {
            var (versions, runs) = (new Dictionary<NodeId, List<string>>(), new Dictionary<NodeId, List<NodeId>>());
            var start = scene.View.Find(root);
            var walk = scene.View.Walk(start < 0 ? [] : [start], LineageDirection.Up, scene.Relations, scene.Moment, depth);
            foreach (var number in walk.Nodes)
            {
                var node = scene.View.NodeOf(number);
                if (node != root && node.Version is { } version)
                    Add(versions, node.WithoutVersion(), version);
                if (node.Kind == NodeKind.Run)
                {
                    var jobs = scene.View.Neighbours(number, into: true, LineageRelations.Of(LineageRelation.Ran), scene.Moment);
                    foreach (var (job, _) in jobs)
                        Add(runs, scene.View.NodeOf(job), node);
                }
            }

            foreach (var (thing, found) in versions)
                found.Sort((a, b) => NodeId.Order.Compare(thing.WithVersion(a), thing.WithVersion(b)));
            return new Upstream(root, scene, versions, runs);
        }

        public IReadOnlyList<string> VersionsOf(NodeId thing) => Versions.TryGetValue(thing, out var found) ? found : [];

        /// <summary>The nearest run of a job: the walk met it first.</summary>
        public NodeId? RunOf(NodeId job) => Runs.TryGetValue(job, out var found) ? found[0] : null;

        private static void Add<T>(Dictionary<NodeId, List<T>> lists, NodeId key, T item)
        {
            if (!lists.TryGetValue(key, out var list))
                lists.Add(key, list = []);
            list.Add(item);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/lineage/diff",
                async (
                    [Required] QueryNode from, QueryNode to, HttpContext http, LineageQuestion question,
                    IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(
                        new Query(
                            from.Node, to.Node, question,
                            LogMoment.Read(http.Request.Query, "toAsOf"), QueryWords.Time(http.Request.Query, "toAt")),
                        ct))
                    .ToHttp())
            .Reads(
                new RequestParameter("toAsOf", ParameterPlace.Query, "What was known of the other then: a log position, or a time."),
                new RequestParameter("toAt", ParameterPlace.Query, "What held of the other at that time."))
            .Answers<Answer>(
                "CompareLineage", "Say what differs upstream of two nodes, or of one node at two times", also: ProblemKind.NotFound);
}
