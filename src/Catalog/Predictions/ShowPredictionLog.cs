using Catalog.Access;
using Catalog.Datasets;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Predictions;

/// <summary>Shows what is kept of a model's predictions, what waits, and what was lost.</summary>
public static class ShowPredictionLog
{
    public sealed record Query(string Namespace, string Name) : IRequest<Outcome<Answer>>;

    /// <param name="Model">Without a version.</param>
    /// <param name="Enabled">Whether predictions are taken.</param>
    /// <param name="RetentionDays">For how long at least they are kept; null where they never were.</param>
    /// <param name="Dataset">That they are kept in; null where they never were.</param>
    /// <param name="Kept">In dataset versions.</param>
    /// <param name="Waiting">Durable, and in no version yet.</param>
    /// <param name="WaitingSince">Since when the oldest of those waits.</param>
    /// <param name="Sealed">The newest version; null for none.</param>
    /// <param name="SealedAt">When it was made.</param>
    /// <param name="Lost">On all servers, as far as they have said: within seconds where the database answers.</param>
    /// <param name="ThisServer">What the server that answers knows by itself.</param>
    public sealed record Answer(
        NodeId Model, bool Enabled, int? RetentionDays, NodeId? Dataset, long Kept, long Waiting, DateTimeOffset? WaitingSince,
        NodeId? Sealed, DateTimeOffset? SealedAt, long Lost, ServerCounts ThisServer);

    /// <param name="Since">When it began to count.</param>
    /// <param name="Queued">Of all models, not durable yet.</param>
    /// <param name="Lost">Of this model, since then; gone from here when the server ends.</param>
    public sealed record ServerCounts(DateTimeOffset Since, long Queued, long Lost);

    internal sealed class Handler(
        States states, IQuerySession pages, IDocumentStore store, PredictionQueue queue, PredictionLosses losses, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var model = NodeId.Model(q.Namespace, q.Name);
            if (gate.Ask(Act.Read, model).Refusal is { } no)
                return no;
            if (await states.LoadAsync<Model>(model.StreamId, ct) is not { } known)
                return Problem.Of("model.not_found", $"There is no '{model}'.");
            var dataset = known.PredictionLog is null ? (NodeId?)null : PredictionNames.DatasetOf(model);
            var newest = dataset is { } kept ? await NewestAsync(kept, ct) : null;
            var (waiting, since) = await PredictionTable.WaitingAsync(store, model, DateTimeOffset.MaxValue, ct);
            return new Answer(
                model, known.PredictionLog is { IsOn: true }, known.PredictionLog?.RetentionDays, dataset, newest?.Rows ?? 0, waiting,
                since, newest is null ? null : NodeId.Parse(newest.Id), newest?.CommittedAt,
                await PredictionTable.LostAsync(store, model, ct) + losses.UnnotedOf(model),
                new ServerCounts(losses.Since, queue.Count, losses.Of(model)));
        }

        private async Task<VersionPage?> NewestAsync(NodeId dataset, CancellationToken ct) =>
            await states.LoadAsync<Dataset>(dataset.StreamId, ct) is { Latest: > 0 and var latest }
                ? await pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.StreamId, latest), ct)
                : null;
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/models/{ns}/{name}/prediction-log",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name), ct)).ToHttp())
            .Answers<Answer>("ShowPredictionLog", "Show what is kept of a model's predictions, and what was lost");
}
