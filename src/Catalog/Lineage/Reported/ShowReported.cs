using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Log;
using Catalog.Platform.Projections;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Lineage.Reported;

/// <summary>Shows what OpenLineage events told of a run, job or dataset, also of one that is registered here.</summary>
public static class ShowReported
{
    public sealed record Query(NodeId? Node, long? AtLeast) : IRequest<Outcome<Answer>>;

    /// <param name="Node">Without version and column.</param>
    /// <param name="Page">Where what was done here is shown; null where nothing was.</param>
    /// <param name="FirstEvent">The time of the earliest event that names it; null where none does.</param>
    /// <param name="LastEvent">The time of the latest.</param>
    /// <param name="Run">Of a run.</param>
    /// <param name="Job">Of a job.</param>
    /// <param name="Dataset">Of a dataset.</param>
    /// <param name="Facets">By name.</param>
    public sealed record Answer(
        NodeId Node, string? Page, DateTimeOffset? FirstEvent, DateTimeOffset? LastEvent, RunReported? Run, JobReported? Job,
        DatasetReported? Dataset, IReadOnlyList<Facet> Facets);

    /// <param name="Job">What runs in it.</param>
    /// <param name="State">As its client last said; null where it did not.</param>
    /// <param name="StateSince">The time of the event that said so.</param>
    /// <param name="Started">The time of START.</param>
    /// <param name="Ended">The time of COMPLETE, ABORT or FAIL, whichever counts.</param>
    /// <param name="ParentRun">The run that started it.</param>
    /// <param name="ParentJob">The job of that run.</param>
    /// <param name="RootRun">The first of the chain of parents.</param>
    /// <param name="RootJob">The job of that run.</param>
    /// <param name="NominalStart">What it was scheduled for.</param>
    /// <param name="NominalEnd">The end of what it was scheduled for.</param>
    public sealed record RunReported(
        NodeId? Job, string? State, DateTimeOffset? StateSince, DateTimeOffset? Started, DateTimeOffset? Ended, NodeId? ParentRun,
        NodeId? ParentJob, NodeId? RootRun, NodeId? RootJob, DateTimeOffset? NominalStart, DateTimeOffset? NominalEnd);

    /// <param name="ProcessingType">Such as <c>BATCH</c>.</param>
    /// <param name="Integration">Such as <c>SPARK</c>.</param>
    /// <param name="JobType">Such as <c>QUERY</c>.</param>
    /// <param name="ParentJob">The job of the run that started its runs.</param>
    /// <param name="LastRun">The run of the latest event.</param>
    public sealed record JobReported(string? ProcessingType, string? Integration, string? JobType, NodeId? ParentJob, NodeId? LastRun);

    /// <param name="Type">Such as <c>TABLE</c>.</param>
    /// <param name="LastWritten">When a run that wrote it last completed.</param>
    /// <param name="Change">What last happened to it as a whole: <c>create</c>, <c>drop</c>, <c>rename</c>, ….</param>
    /// <param name="ChangedAt">When.</param>
    /// <param name="RenamedTo">Its name since then, after a rename.</param>
    public sealed record DatasetReported(
        string? Type, DateTimeOffset? LastWritten, string? Change, DateTimeOffset? ChangedAt, NodeId? RenamedTo);

    /// <param name="Name">Such as <c>sql</c>.</param>
    /// <param name="Member">What it stood under in the event: <c>facets</c>, <c>inputFacets</c> or <c>outputFacets</c>.</param>
    /// <param name="Value">The facet, whole; null where the event was erased.</param>
    /// <param name="EventTime">When it was so.</param>
    /// <param name="Position">Where the event's fact stands in the log.</param>
    /// <param name="Producer">What made the event, as it says itself.</param>
    /// <param name="Sender">Who sent it.</param>
    public sealed record Facet(
        string Name,
        string Member,
        [property: JsonConverter(typeof(RawJson))] JsonElement Value,
        DateTimeOffset EventTime,
        long Position,
        string? Producer,
        string? Sender);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() =>
            RuleFor(q => q.Node).Must(n => n is { Kind: NodeKind.Run or NodeKind.Job or NodeKind.Dataset })
                .WithMessage("must be a run, job or dataset, such as 'job:airflow/daily.transform'.");
    }

    internal sealed class Handler(
        ReportedThings things, FacetReader facets, LogReader log, GraphFollower graph, ProjectionProgress progress, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var node = (q.Node ?? default).WithoutVersion();
            if ((gate.Ask(Act.Read, node).Refusal ?? await progress.WaitForAllAsync(q.AtLeast, ct)) is { } no)
                return no;
            var (answer, page) = (await things.FindAsync(node, ct), await things.PageOfAsync(node, ct));
            return answer is not null ? answer with { Page = page, Facets = await FacetsAsync(node, ct) }
                : page is not null || graph.Current.Find(node) >= 0 ? new Answer(node, page, null, null, null, null, null, [])
                : Problem.Of("node.not_found", $"There is no '{node}'.");
        }

        private async Task<IReadOnlyList<Facet>> FacetsAsync(NodeId node, CancellationToken ct)
        {
            var found = (await facets.ReadAsync([node], names: null, ct))[node].ToList();
            var facts = await log.FindAsync([.. found.Select(f => f.Position).Distinct()], ct);
            return
            [
                .. found.Select(f => new Facet(
                    f.Name, f.Member, f.Value ?? default, f.EventTime, f.Position, f.Producer,
                    facts.GetValueOrDefault(f.Position)?.Principal)),
            ];
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/lineage/node",
                async ([Required] QueryNode node, QueryPosition atLeast, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(node.Node, atLeast.Value), ct)).ToHttp())
            .Answers<Answer>("ShowLineageNode", "Show what events told of a run, job or dataset", also: ProblemKind.NotFound);
}
