using Apache.Arrow;
using Catalog.Access;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
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
            try
            {
                var sources = await files.OfAsync(version.Value.ManifestHash, readings.Begin(version.Value.Node, q.Way), ct);
                return sources.Count == 0
                    ? Problem.Of("columns.none", $"'{version.Value.Node}' has no files, and so no columns.")
                    : new Answer(version.Value.Node, await OpenAsync(sources, q.Question, ct));
            }
            catch (FilterException e)
            {
                return Problem.Field("request.invalid", "filter", $"The filter cannot be read: {e.Message}");
            }
            catch (FileException e) when (e.Code == FileException.NotParquet)
            {
                return Problem.Of("columns.none", $"'{version.Value.Node}' is not a table of Parquet files: {e.Message}");
            }
        }

        private static async Task<ColumnScan> OpenAsync(IReadOnlyList<ParquetSource> files, ColumnQuestion question, CancellationToken ct)
        {
            var request = new ScanRequest { Columns = question.Columns, Shard = question.Shard, BatchRows = question.BatchRows };
            if (question.Filter is not { } text)
                return await ColumnScan.OpenAsync(files, request, ct);
            var filter = FilterText.Parse(text);
            var whole = await ColumnScan.OpenAsync(files, new ScanRequest(), ct);
            return await ColumnScan.OpenAsync(files, request with { Where = FilterTypes.Bind(filter, whole.Schema) }, ct);
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
