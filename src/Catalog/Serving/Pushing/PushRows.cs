using System.Text.Json;
using Catalog.Access;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Hot;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Serving.Pushing;

/// <summary>
/// Takes rows of a view that are served from now on, on top of its generation: where several are of one key, the one that became so last
/// holds, whatever order they come in. All of them are stored, or none.
/// </summary>
public static class PushRows
{
    public const int MostRows = 10_000;

    /// <summary>How far ahead of this server's clock a row may say it became so: clocks differ a little.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(5);

    /// <param name="Keys">A value for each key of the view.</param>
    /// <param name="EventTime">When it became so.</param>
    /// <param name="Features">By feature; one that is left out, or null, has no value in this row.</param>
    /// <param name="CreatedTime">When it was written: decides between rows of one key and event time.</param>
    public sealed record Row(
        IReadOnlyDictionary<string, JsonElement> Keys, DateTimeOffset EventTime, IReadOnlyDictionary<string, JsonElement> Features,
        DateTimeOffset? CreatedTime = null);

    /// <param name="Rows">From 1 to 10,000.</param>
    public sealed record Body(IReadOnlyList<Row> Rows);

    public sealed record Command(string Namespace, string Name, string? Version, Body Pushed) : IRequest<Outcome<Answer>>;

    /// <param name="View">By number.</param>
    /// <param name="Rows">That were stored.</param>
    /// <param name="PushPosition">Of the last of them in the push log.</param>
    public sealed record Answer(NodeId View, int Rows, long PushPosition);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Version).Must(v => v is null || Names.CheckVersion(v) is null)
                .WithMessage("must be a version number, or latest.").OverridePropertyName("version");
            RuleFor(c => c.Pushed.Rows).Must(r => r.Count is > 0 and <= MostRows).WithMessage($"must be from 1 to {MostRows} rows.")
                .OverridePropertyName("rows");
            RuleForEach(c => c.Pushed.Rows).NotNull().Must(r => r is null || HaveValues(r.Keys)).WithMessage(NoNulls)
                .OverridePropertyName("rows");
        }
    }

    internal const string NoNulls = "must have a value for each key: null is none.";

    internal static bool HaveValues(IReadOnlyDictionary<string, JsonElement> keys) =>
        keys.Values.All(v => v.ValueKind != JsonValueKind.Null);

    internal sealed class Handler(ServedViews served, PushLog log, Caller caller, TimeProvider clock, Gate gate)
        : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.FeatureView(c.Namespace, c.Name, c.Version);
            if (gate.Ask(Act.Commit, node).Refusal is { } never)
                return never;
            var found = served.Current.FindView(node);
            if (!found.Succeeded)
                return found.Problem;
            if (gate.Ask(Act.Commit, found.Value.Node, found.Value.Tags).Refusal is { } no)
                return no;
            var packed = Pack(found.Value, c.Pushed.Rows, clock.GetUtcNow());
            if (!packed.Succeeded)
                return packed.Problem;
            var last = await log.AppendAsync([.. packed.Value.Select(r => Pushed(found.Value, r))], ct);
            return new Answer(found.Value.Node, packed.Value.Count, last);
        }

        private PushedRow Pushed(HotView view, byte[] row) => new(
            view.Node, view.Definition.Features.Count, row, clock.GetUtcNow(), caller.Identity.Principal, caller.Identity.Run);
    }

    /// <summary>The rows, packed; or the first thing that is wrong with one, and what would be right.</summary>
    internal static Outcome<IReadOnlyList<byte[]>> Pack(HotView view, IReadOnlyList<Row> rows, DateTimeOffset now)
    {
        if (view.Definition.IsAggregated())
        {
            return Problem.Of(
                "serving.computed",
                $"'{view.Node}' is computed over windows of events: add events to '{view.Definition.Source.Dataset}', and materialise it.");
        }

        var packer = new JsonRowPacker(RowLayout.Of(view.Definition), now + MostAhead);
        var packed = new List<byte[]>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = packer.Pack(rows[i], $"rows[{i}].");
            if (!row.Succeeded)
                return row.Problem;
            packed.Add(row.Value);
        }

        return packed;
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-views/{ns}/{name}/versions/{version}/push",
                async (Segment ns, Segment name, Segment version, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, version, body), ct)).ToHttp())
            .Answers<Answer>("PushRows", "Push rows that a view serves at once", also: [ProblemKind.NotFound, ProblemKind.Unprocessable]);
}
