using Catalog.Access;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar;
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
    /// <param name="Scan">To be read once.</param>
    public sealed record Answer(NodeId Version, ColumnScan Scan);

    internal sealed class Handler(VersionLookup versions, ColumnFiles files, Readings readings, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Version, ct);
            if (gate.Ask(Act.ReadData, version.Value?.Node ?? q.Version, version.Value?.Tags ?? []).Refusal is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;
            var scan = await files.OpenAsync(version.Value, q.Question, readings.Begin(version.Value.Node, q.Way), ct);
            return scan.Succeeded ? new Answer(version.Value.Node, scan.Value) : scan.Problem;
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
