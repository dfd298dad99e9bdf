using Catalog.Access;
using Catalog.Features;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Objects;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.FeatureGenerations;

/// <summary>
/// Gives out the file of a generation, for a process that maps it. From then on nobody is asked about its rows: that takes the right to
/// export.
/// </summary>
public static class ExportGeneration
{
    public sealed record Query(Guid Generation) : IRequest<Outcome<Answer>>;

    /// <summary>A file that may be read, and how.</summary>
    public sealed record Answer(long Bytes, string Sha256, Func<long, long?, CancellationToken, Task<Stream>> OpenAsync);

    internal sealed class Handler(GenerationLookup generations, IQuerySession pages, ContentStore objects, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.Export, NodeId.Generation(q.Generation)).Refusal is { } no)
                return no;
            var found = await generations.FindAsync([q.Generation], ct);
            if (!found.Succeeded)
                return found.Problem;
            var page = found.Value[0];
            var view = await pages.LoadAsync<FeatureViewPage>(page.View, ct);
            if (gate.Ask(Act.Export, NodeId.Parse(page.View), view?.Tags ?? []).Refusal is { } notItsView)
                return notItsView;
            return page.Dropped || await objects.FindAsync(page.Sha256, ct) is null
                ? Problem.Of("feature_generation.dropped", $"'{page.Id}' was dropped, and its file is gone or will be.")
                : new Answer(
                    page.Built.Bytes, page.Sha256, (offset, length, token) => objects.OpenReadAsync(page.Sha256, offset, length, token));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-generations/{id:guid}/content",
                async (Guid id, IMediator mediator, CancellationToken ct) =>
                {
                    var outcome = await mediator.Send(new Query(id), ct);
                    return outcome.Succeeded
                        ? (IResult)new ByteAnswer(outcome.Value.Bytes, outcome.Value.Sha256, outcome.Value.OpenAsync)
                        : new ProblemAnswer(outcome.Problem);
                })
            .AnswersBytes("ExportGeneration", "Take the file of a generation, to map it; ranges work");
}
