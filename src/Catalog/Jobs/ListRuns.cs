using System.Text.Json;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using FluentValidation;
using Marten;
using Marten.Linq.MatchesSql;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Jobs;

/// <summary>
/// Lists runs in the order of their ids, which is that of their start where ids are time-ordered; of one job or in one state where asked.
/// </summary>
public static class ListRuns
{
    public sealed record Query(NodeId? Job, RunState? State, PageRequest Page) : IRequest<Outcome<Page<RunPage>>>;

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() =>
            RuleFor(q => q.Job).Must(n => n is null or { Kind: NodeKind.Job }).WithMessage("must be a job, such as 'job:demo/train'.");
    }

    internal sealed class Handler(IQuerySession pages, Gate gate, ProjectionProgress progress)
        : IRequestHandler<Query, Outcome<Page<RunPage>>>
    {
        public async Task<Outcome<Page<RunPage>>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            if (((q.Job is { } of ? gate.Ask(Act.Read, of).Refusal : null) ?? await progress.WaitForAsync(q.Page.AtLeast, ct)) is { } no)
                return no;
            var job = q.Job?.ToString();
            var found = await pages.PageOfShownAsync<RunPage>(
                q.Page,
                runs =>
                {
                    runs = job is null ? runs : runs.Where(r => r.Job == job);
                    return q.State is { } state ? runs.Where(r => r.MatchesSql("d.data ->> 'state' = ?", Stored(state))) : runs;
                },
                r => gate.Lets(Act.Read, NodeId.Run(r.Run)),
                ct);
            return found with { Items = [.. found.Items.Select(r => r.To(gate))] };
        }
    }

    private static string Stored(RunState state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/runs",
                async (QueryNode job, QueryEnum<RunState> state, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(job.Node, state.Value, page), ct)).ToHttp())
            .Answers<Page<RunPage>>("ListRuns", "List runs");
}
