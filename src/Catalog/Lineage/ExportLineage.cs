using System.Globalization;
using System.Text;
using Catalog.Access;
using Catalog.Lineage.Exports;
using Catalog.Platform;
using Catalog.Platform.Http;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;

namespace Catalog.Lineage;

/// <summary>Writes what a walk found in a format of others: for people, for what draws, and for what reads provenance.</summary>
/// <remarks>Asked for with <c>format</c> where <see cref="TraceLineage"/> is.</remarks>
public static class ExportLineage
{
    /// <summary>Whether something was left out: nodes past a limit, or of the events of OpenLineage those past one or erased.</summary>
    public const string TruncatedHeader = "Catalog-Truncated";

    public sealed record Query(NodeId? Node, LineageDirection Direction, LineageFormat Format, LineageQuestion Question)
        : IRequest<Outcome<Export>>;

    /// <param name="Content">In UTF-8.</param>
    /// <param name="MediaType">As in <c>Content-Type</c>.</param>
    /// <param name="Position">Log position that it includes.</param>
    /// <param name="Truncated">Whether something was left out.</param>
    public sealed record Export(ReadOnlyMemory<byte> Content, string MediaType, long Position, bool Truncated);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Node).NotNull().WithMessage(TraceLineage.NodeMissing);
    }

    internal sealed class Handler(LineageTracer tracer, RunRecords records, OpenLineageExport events, Gate gate)
        : IRequestHandler<Query, Outcome<Export>>
    {
        private const string Text = "text/plain; charset=utf-8";
        private const string Json = "application/json";

        public async Task<Outcome<Export>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.Read, q.Node).Refusal is { } no)
                return no;
            var traced = await tracer.TraceAsync(q.Node ?? default, q.Direction, q.Question, ct);
            return traced.Succeeded
                ? await WriteAsync(q.Format, traced.Value.Extract, traced.Value.Scene, ct)
                : traced.Problem;
        }

        private async Task<Export> WriteAsync(LineageFormat format, LineageExtract lineage, Scene scene, CancellationToken ct)
        {
            switch (format)
            {
                case LineageFormat.Tree:
                    return Whole(TreeText.Write(lineage), Text);
                case LineageFormat.Mermaid:
                    return Whole(Mermaid.Write(lineage), Text);
                case LineageFormat.Prov:
                    var runs = lineage.Nodes.Select(n => n.Id).Where(n => n.Kind == NodeKind.Run).ToList();
                    var (known, cut) = await records.ReadAsync(runs, scene.Position, ct);
                    var prov = Whole(Prov.Write(lineage, known, Since(lineage, scene)), Json);
                    return prov with { Truncated = prov.Truncated || cut };
                case LineageFormat.OpenLineage:
                    var (told, incomplete) = await events.WriteAsync(lineage, scene, ct);
                    return new Export(told, Json, scene.Position, lineage.Truncated || incomplete);
                default:
                    throw new ArgumentOutOfRangeException(nameof(format), format, "The answer itself is no export.");
            }

            Export Whole(string text, string type) => new(Encoding.UTF8.GetBytes(text), type, scene.Position, lineage.Truncated);
        }

        /// <summary>Since when the edges hold that are in the graph; files are not.</summary>
        private static Dictionary<LineageEdge, DateTimeOffset> Since(LineageExtract lineage, Scene scene)
        {
            var since = new Dictionary<LineageEdge, DateTimeOffset>();
            foreach (var edge in lineage.Edges)
            {
                var (from, to) = (scene.View.Find(edge.From), scene.View.Find(edge.To));
                var held = from < 0 || to < 0 ? long.MaxValue : scene.View.HeldSince(from, to, edge.Relation, scene.Moment);
                if (held < DateTimeOffset.MaxValue.Ticks)
                    since[edge] = new DateTimeOffset(held, TimeSpan.Zero);
            }

            return since;
        }
    }

    internal static IResult ToHttp(Outcome<Export> outcome) =>
        outcome.Succeeded ? new Written(outcome.Value) : new ProblemAnswer(outcome.Problem);

    private sealed class Written(Export export) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.ContentType = export.MediaType;
            http.Response.ContentLength = export.Content.Length;
            http.Response.Headers[HttpAnswers.PositionHeader] = export.Position.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers[TruncatedHeader] = export.Truncated ? "true" : "false";
            return http.Response.Body.WriteAsync(export.Content, http.RequestAborted).AsTask();
        }
    }
}
