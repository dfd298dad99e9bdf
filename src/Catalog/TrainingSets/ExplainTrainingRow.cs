using System.Globalization;
using Apache.Arrow;
using Catalog.Access;
using Catalog.Features.Training;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.TrainingSets;

/// <summary>Says where each value of one row of a training set came from: the events, their files and rows, and their times.</summary>
public static class ExplainTrainingRow
{
    private const int MostEvents = 20;

    /// <param name="Version">The training set.</param>
    /// <param name="Part">Such as <c>train</c>; null where rows are not parted.</param>
    /// <param name="Row">Of the part, from 0.</param>
    public sealed record Query(NodeId Version, string? Part, long Row) : IRequest<Outcome<Answer>>;

    /// <param name="Node">The training set, by number.</param>
    /// <param name="Part">Of the row; null where rows are not parted.</param>
    /// <param name="Row">Of the part, from 0.</param>
    /// <param name="From">The version that rows come from.</param>
    /// <param name="Values">By column: all of the row, as it is made again now.</param>
    /// <param name="Views">Where features come from.</param>
    public sealed record Answer(
        NodeId Node, string? Part, long Row, NodeId From, IReadOnlyDictionary<string, object?> Values, IReadOnlyList<ViewOrigin> Views);

    /// <param name="View">By number.</param>
    /// <param name="As">What it is called here; null for its own name.</param>
    /// <param name="Source">The version that events come from.</param>
    /// <param name="Columns">That it gave.</param>
    /// <param name="Count">How many events there were to choose from, or to put together in the longest window.</param>
    /// <param name="Events">The latest of them, the latest first: of columns as they are, the one that holds.</param>
    public sealed record ViewOrigin(
        NodeId View, string? As, NodeId Source, IReadOnlyList<string> Columns, long Count, IReadOnlyList<EventOrigin> Events);

    /// <param name="Path">Of the file in the source.</param>
    /// <param name="Row">In the file, from 0.</param>
    /// <param name="EventTime">When it became so.</param>
    /// <param name="CreatedTime">When it was written; null where the view does not say.</param>
    public sealed record EventOrigin(string Path, long Row, DateTimeOffset EventTime, DateTimeOffset? CreatedTime);

    internal sealed class Handler(TrainingSets sets, VersionLookup versions, ManifestStore manifests, TrainingJoin join, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var found = await sets.FindAsync(q.Version, ct);
            if (gate.Ask(Act.ReadData, found.Value?.Version.Node ?? q.Version, found.Value?.Version.Tags ?? []).Refusal is { } no)
                return no;
            if (!found.Succeeded)
                return found.Problem;

            // It tells of events of the inputs: that is for whoever may read those.
            var (set, recipe) = (found.Value.Version.Node, found.Value.Recipe);
            foreach (var input in recipe.Inputs())
            {
                if (gate.Ask(Act.ReadData, input).Denial is { } notThat)
                    return notThat;
            }

            if (WrongPart(recipe, q.Part, set) is { } wrong)
                return wrong;
            var open = await join.OpenAsync(recipe, ct);
            if (!open.Succeeded)
                return open.Problem;
            using var row = await FindAsync(open.Value, q.Part, q.Row, ct);
            return row is null
                ? Problem.Field("training_set.no_row", "row", $"'{set}' has no row {q.Row}{(q.Part is null ? "" : $" in '{q.Part}'")}.")
                : new Answer(
                    set, q.Part, q.Row, recipe.Rows.Dataset, await ValuesAsync(open.Value, row, q.Part, ct),
                    await OriginsAsync(open.Value, row, ct));
        }

        private static Problem? WrongPart(TrainingRecipe recipe, string? part, NodeId set)
        {
            string[] parts = [.. recipe.Splits?.Parts.Select(p => p.Name) ?? []];
            return (parts, part) switch
            {
                ([], not null) => Problem.Field("request.invalid", "part", $"The rows of '{set}' are not parted."),
                ([_, ..], _) when !parts.Contains(part, StringComparer.Ordinal) =>
                    Problem.Field("request.invalid", "part", $"must be one of {string.Join(", ", parts)}."),
                _ => null,
            };
        }

        /// <summary>The row as it was before features: rows are cheap to go through, and joins are not.</summary>
        private static async Task<RecordBatch?> FindAsync(OpenRecipe open, string? part, long wanted, CancellationToken ct)
        {
            var splits = open.Recipe.Splits is { } rule ? new SplitRows(rule, open.Rows.Schema, open.Recipe.Rows) : null;
            var place = splits is null ? 0 : open.Recipe.Splits?.Parts.ToList().FindIndex(p => p.Name == part) ?? 0;
            var before = 0L;
            await foreach (var batch in open.Rows.ReadAsync(ct))
            {
                using (batch)
                {
                    int[] rows = splits?.Part(batch)[place] ?? [.. Enumerable.Range(0, batch.Length)];
                    if (wanted < before + rows.Length)
                        return RowTaking.Take(batch, [rows[wanted - before]]);
                    before += rows.Length;
                }
            }

            return null;
        }

        private static async Task<IReadOnlyDictionary<string, object?>> ValuesAsync(
            OpenRecipe open, RecordBatch row, string? part, CancellationToken ct)
        {
            var values = new Dictionary<string, object?>(StringComparer.Ordinal);
            await foreach (var joined in open.Join.ReadAsync(One(RowTaking.Take(row, [0])), ct))
            {
                using var shown = open.Shown(joined, part);
                foreach (var kept in open.Schema.FieldsList)
                    values[kept.Name] = ArrowCells.Of(shown.Column(kept.Name), 0);
            }

            return values;
        }

        private async Task<IReadOnlyList<ViewOrigin>> OriginsAsync(OpenRecipe open, RecordBatch row, CancellationToken ct)
        {
            var origins = new List<ViewOrigin>();
            foreach (var (trace, view) in (await open.Join.TraceAsync(row, MostEvents, ct)).Zip(open.Recipe.Views))
            {
                var files = trace.Events.Count == 0 ? [] : await FilesAsync(view.Source, ct);
                origins.Add(new(
                    view.View, view.As, view.Source, [.. view.Features.Select(f => f.Column)], trace.Count,
                    [.. trace.Events.Select(e => Origin(files, e.Place, e.EventTime, e.Created))]));
            }

            return origins;
        }

        private static EventOrigin Origin(IReadOnlyList<(string Path, long First)> files, long place, long time, long? created)
        {
            var (path, first) = files.Last(f => f.First <= place);
            return new(path, place - first, Moment(time), created is { } c ? Moment(c) : null);
        }

        private async Task<IReadOnlyList<(string Path, long First)>> FilesAsync(NodeId version, CancellationToken ct)
        {
            var found = await versions.FindAsync(version, ct);
            if (!found.Succeeded)
                throw new ProblemException(found.Problem);
            var (files, first) = (new List<(string, long)>(), 0L);
            var root = await manifests.LoadRootAsync(found.Value.ManifestHash, ct);
            await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct))
            {
                files.Add((file.Path, first));
                first += file.Rows ?? 0;
            }

            return files;
        }

        private static DateTimeOffset Moment(long microseconds) =>
            DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

        private static async IAsyncEnumerable<RecordBatch> One(RecordBatch batch)
        {
            await Task.CompletedTask;
            yield return batch;
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/training-sets/{ns}/{name}/versions/{version}/rows/{row}",
                async (
                    Segment ns, Segment name, Segment version, Segment row, HttpContext http, IMediator mediator, CancellationToken ct) =>
                {
                    if (!long.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                        return new ProblemAnswer(Problem.Field("request.invalid", "row", "must be the number of a row, from 0."));
                    var part = QueryWords.Text(http.Request.Query, "part");
                    return (await mediator.Send(new Query(NodeId.Dataset(ns, name, version), part, number), ct)).ToHttp();
                })
            .Reads(new RequestParameter("part", ParameterPlace.Query, "Such as train; needed where rows are parted, and only there."))
            .Answers<Answer>(
                "ExplainTrainingRow", "Say where each value of a training set's row came from",
                also: [ProblemKind.Conflict, ProblemKind.Unprocessable]);
}
