using Catalog.Access;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Usage;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Columns;

/// <summary>
/// Reads columns of a version: its Parquet files as one stream of Arrow batches, in the order of files, row groups and rows.
/// </summary>
public static class ReadColumns
{
    /// <param name="Way">That the columns leave by, for usage.</param>
    public sealed record Query(NodeId Version, ColumnQuestion Question, UsageWay Way = UsageWay.Columns) : IRequest<Outcome<Answer>>;

    /// <param name="Version">By number.</param>
    /// <param name="Batches">To be read once.</param>
    public sealed record Answer(NodeId Version, ColumnBatches Batches);

    internal sealed class Handler(
        VersionLookup versions, ColumnFiles files, Readings readings, Gate gate, Caller caller, RecordEpoch record)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Version, ct);
            var may = gate.Ask(Act.ReadData, version.Value?.Node ?? q.Version, version.Value?.Tags ?? []);
            if (may.Denial is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;
            var reading = readings.Begin(version.Value.Node, q.Way);
            var batches = await files.OpenAsync(version.Value, q.Question, may.Obligations, reading, ct);
            return batches.Succeeded
                ? new Answer(version.Value.Node, await RecordAsync(version.Value.Node, q.Question, batches.Value, ct))
                : batches.Problem;
        }

        /// <summary>A training read that is made for a run is recorded on it, and the answer says whether it was.</summary>
        private async Task<ColumnBatches> RecordAsync(NodeId version, ColumnQuestion question, ColumnBatches batches, CancellationToken ct)
        {
            if (batches.Place is not { } place)
                return batches;
            if (caller.Identity.Run is not { } run)
                return batches with { Schema = place.Tell(batches.Schema, recorded: null) };

            var read = new RunEpochRead(
                version, place.Start.Order, question.Columns, question.Filter, place.Seed, place.Deal.Uneven.ToString().ToLowerInvariant(),
                place.Start.Epoch, place.Deal.Shard, place.Deal.Shards);
            var refused = await record.RecordAsync(run, read, ct);
            return batches with { Schema = place.Tell(batches.Schema, refused ?? NodeId.Run(run).ToString()) };
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/datasets/{ns}/{name}/versions/{version}/columns",
                async (
                    Segment ns, Segment name, Segment version, ColumnQuestion question, IMediator mediator, CancellationToken ct) =>
                {
                    var outcome = await mediator.Send(new Query(NodeId.Dataset(ns, name, version), question), ct);
                    return outcome.Succeeded
                        ? new ArrowStreamAnswer(outcome.Value, question.Compression)
                        : (IResult)new ProblemAnswer(outcome.Problem);
                })
            .AnswersArrow("ReadColumns", "Read columns of a dataset's version as an Arrow stream");
}
