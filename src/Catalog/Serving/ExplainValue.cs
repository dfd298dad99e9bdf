using System.Text.Json;
using Catalog.Access;
using Catalog.Columns;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Serving.Materialization;
using Catalog.Serving.Pushing;
using Catalog.Storage.Columnar.PointInTime;
using Catalog.Storage.Hot;
using Catalog.TrainingSets;
using FluentValidation;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Serving;

/// <summary>Tells why a model saw the values of a key: which generation served then, which row, and the events behind it.</summary>
public static class ExplainValue
{
    private const int MostEvents = 100;

    /// <param name="Keys">A value for each key of the view.</param>
    /// <param name="At">When the value was served; now where left out.</param>
    public sealed record Body(IReadOnlyDictionary<string, JsonElement> Keys, DateTimeOffset? At = null);

    public sealed record Query(string Namespace, string Name, string? Version, Body Asked) : IRequest<Outcome<Answer>>;

    /// <param name="View">By number.</param>
    /// <param name="At">The moment that is told of.</param>
    /// <param name="Generation">That served then; null where none did.</param>
    /// <param name="ActivatedAt">Since when.</param>
    /// <param name="AsOf">Events up to there are in it.</param>
    /// <param name="Run">That made it.</param>
    /// <param name="Served">What a lookup answered with; null where no row was there for the key.</param>
    /// <param name="Sources">The dataset versions behind it, and the events in them, the latest first.</param>
    /// <param name="Pushed">Rows of the key that were pushed on top of the generation until then, the newest first.</param>
    /// <param name="Masked">By feature, what is shown instead of its values; those that are shown as they are do not stand there.</param>
    /// <param name="Filtered">
    /// Whether rows are left out that the caller may not see. Then no events are told, either: they would tell of such rows.
    /// </param>
    public sealed record Answer(
        NodeId View, DateTimeOffset At, NodeId? Generation, DateTimeOffset? ActivatedAt, DateTimeOffset? AsOf, NodeId? Run,
        ServedRow? Served, IReadOnlyList<SourceEvents> Sources, IReadOnlyList<PushedBefore> Pushed,
        IReadOnlyDictionary<string, string> Masked, bool Filtered);

    /// <param name="From"><c>generation</c> or <c>push</c>.</param>
    /// <param name="EventTime">When it became so; of windows, the moment that they are of.</param>
    /// <param name="Origin">The dataset version that the row came from; null for a row that was pushed and not sealed yet.</param>
    /// <param name="TooOld">Whether the time to live was over.</param>
    /// <param name="Values">By feature.</param>
    public sealed record ServedRow(
        string From, DateTimeOffset EventTime, NodeId? Origin, bool TooOld, IReadOnlyDictionary<string, object?> Values);

    /// <param name="Version">Of a dataset.</param>
    /// <param name="Count">Events of the key that count.</param>
    /// <param name="Events">The latest 100 of them.</param>
    public sealed record SourceEvents(NodeId Version, long Count, IReadOnlyList<ExplainTrainingRow.EventOrigin> Events);

    /// <param name="PushPosition">In the push log.</param>
    public sealed record PushedBefore(
        long PushPosition, DateTimeOffset EventTime, DateTimeOffset PushedAt, string PushedBy, NodeId? Run,
        IReadOnlyDictionary<string, object?> Values);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Version).Must(v => v is null || Names.CheckVersion(v) is null)
                .WithMessage("must be a version number, or latest.").OverridePropertyName("version");
            RuleFor(q => q.Asked.Keys).Must(PushRows.HaveValues).WithMessage(PushRows.NoNulls).OverridePropertyName("keys");
        }
    }

    internal sealed class Handler(
        FeatureViews views, IQuerySession pages, IDocumentStore store, GenerationLookup generations, GenerationSources sources,
        GenerationMaker maker, ServedViews hot, LookupHashes hashes, TimeProvider clock, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.FeatureView(q.Namespace, q.Name, q.Version);
            var found = await views.FindAsync(node, ct);
            var may = gate.Ask(Act.ReadData, found.Value?.Node ?? node, found.Value?.Tags ?? []);
            if (may.Denial is { } no)
                return no;
            if (!found.Succeeded)
                return found.Problem;
            using var shelf = new RowShelf();
            var shown = ShownRows.Of(found.Value.Definition, may.Obligations, await hashes.GetAsync(ct), shelf);
            if (!shown.Succeeded)
                return shown.Problem;
            var at = q.Asked.At ?? clock.GetUtcNow();
            var page = await pages.LoadAsync<FeatureViewPage>(found.Value.Node.StreamId, ct);
            var served = page?.Versions.FirstOrDefault(v => v.Number == found.Value.Number)?.Served.LastOrDefault(s => s.At <= at);
            var built = served is null ? null : await generations.FindAsync([served.Generation], ct);
            return built?.Problem is { } missing
                ? missing
                : await ExplainAsync(found.Value, q.Asked.Keys, at, served, built?.Value?[0].Built, shown.Value, shelf, ct);
        }

        private async Task<Outcome<Answer>> ExplainAsync(
            LocatedFeatureView view, IReadOnlyDictionary<string, JsonElement> keys, DateTimeOffset at, ServedGeneration? served,
            FeatureGenerationBuilt? built, ShownRows shown, RowShelf shelf, CancellationToken ct)
        {
            var key = new JsonRowPacker(RowLayout.Of(view.Definition), DateTimeOffset.MaxValue)
                .Pack(new(keys, DateTimeOffset.UnixEpoch, new Dictionary<string, JsonElement>()), field: "");
            if (!key.Succeeded)
                return key.Problem;
            var wanted = shelf.Keep(key.Value);
            var pushed = await PushedAsync(view, new HotRow(wanted), built?.PushedThrough ?? 0, at, shelf, ct);
            var generation = built is null
                ? null
                : await hot.OpenAsync(view.Node, ActiveGeneration.Of(built, view.Definition), ct);
            var row = generation is null ? default : Find(generation, view, new HotRow(wanted));
            var traced = built is null || shown.AreFiltered ? new Traced([]) : await TraceAsync(view, built, wanted, ct);
            if (!traced.Succeeded)
                return traced.Problem;
            var answer = new Answer(
                view.Node, at, built is null ? null : NodeId.Generation(built.Generation), served?.At, built?.AsOf,
                built?.Run is { } run ? NodeId.Run(run) : null, Served(view, generation, row, pushed, at, shown),
                traced.Value.List,
                [.. pushed.OrderByDescending(p => p.Row.Position).Select(p => Told(view, p, shown)).OfType<PushedBefore>()],
                shown.Masked, shown.AreFiltered);
            GC.KeepAlive(generation);
            return answer;
        }

        private static HotRow Find(Generation generation, LocatedFeatureView view, HotRow wanted)
        {
            var keys = KeyOf(wanted, view);
            var rows = new nint[1];
            generation.Find(keys, rows);
            return new(rows[0]);
        }

        private static KeyBatch KeyOf(HotRow row, LocatedFeatureView view)
        {
            var keys = new KeyBatch();
            keys.AddKeyOf(row, RowLayout.Of(view.Definition));
            return keys;
        }

        private static ServedRow? Served(
            LocatedFeatureView view, Generation? generation, HotRow row, IReadOnlyList<Pushed> pushed, DateTimeOffset at, ShownRows shown)
        {
            var laterWins = view.Definition.Source.Ties == TieRule.Last;
            var newest = row;
            foreach (var push in pushed)
            {
                if (!newest.IsThere || push.Packed.IsNewerThan(newest, laterWins))
                    newest = push.Packed;
            }

            if (!newest.IsThere)
                return null;
            var isPushed = newest.Address != row.Address;
            var definition = isPushed || generation is null ? view.Definition : generation.Header.Definition;
            newest = shown.Of(newest, definition);
            if (!newest.IsThere)
                return null;
            var time = Moment(newest.EventTime);
            return new(
                isPushed ? "push" : "generation", time,
                isPushed || generation is null ? null : generation.Header.Origins[(int)newest.Origin].Version,
                view.Definition.TimeToLive is { } ttl && at - time > ttl, Values(definition, newest));
        }

        private async Task<IReadOnlyList<Pushed>> PushedAsync(
            LocatedFeatureView view, HotRow wanted, long after, DateTimeOffset at, RowShelf shelf, CancellationToken ct)
        {
            var layout = RowLayout.Of(view.Definition);
            var found = new List<Pushed>();
            await foreach (var row in PushTable.ReadAllAsync(store, view.Node, after, ct))
            {
                // Only what may be of the key is kept: everything that was pushed to the view comes by here.
                if (row.PushedAt > at || HotRow.KeyOf(row.Row) != wanted.Key)
                    continue;
                var packed = new HotRow(shelf.Keep(PushTail.Fit(row, view.Definition, layout)));
                if (packed.HasKeyOf(wanted, layout))
                    found.Add(new(row, packed));
            }

            return found;
        }

        /// <summary>The events behind the row, in each dataset version, as the join of training sets finds them.</summary>
        private async Task<Outcome<Traced>> TraceAsync(
            LocatedFeatureView view, FeatureGenerationBuilt built, nint key, CancellationToken ct)
        {
            var pushes = SealPushes.DatasetOf(view.Node).StreamId;
            var told = new List<SourceEvents>();
            foreach (var source in built.Sources)
            {
                var isPushed = source.Version.StreamId == pushes;
                if (WhyNotTold(source.Version, isPushed ? PushedRows.Named(view.Definition) : view.Definition) is { } no)
                    return no;
                var pinned = await sources.PinAsync(source.Version, isPushed, ct);
                if (!pinned.Succeeded)
                    return pinned.Problem;
                var order = new GenerationOrder(view.Node, view.Definition, [pinned.Value], built.AsOf);
                var join = await maker.JoinAsync(order, [], ct);
                using var row = GenerationKeys.Of(view.Definition, [key], order.Moment);
                var trace = (await join.TraceAsync(row, MostEvents, ct))[0];
                told.Add(new(source.Version, trace.Count, [.. trace.Events.Select(e => Origin(pinned.Value, e))]));
            }

            return new Traced(told);
        }

        /// <summary>
        /// Why events of a key in a version are not told. No values of theirs are, but which rows there are of the key, and when.
        /// </summary>
        private Problem? WhyNotTold(NodeId version, FeatureDefinition read)
        {
            var may = gate.Ask(Act.ReadData, version);
            if (may.Denial is { } no)
                return no;
            if (may.Obligations.RowFilters.Count > 0)
                return may.Refusal;
            IEnumerable<string?> deciding = [.. read.Keys().Select(k => k.Column), read.Source.EventTime, read.Source.CreatedTime];
            return deciding.OfType<string>().FirstOrDefault(c => ObligedRead.IsMasked(c, may.Obligations)) is { } masked
                ? Problem.Field(
                    "access.masked_column", "keys",
                    $"The column '{masked}' of '{version}' is masked for you, so that events of a key cannot be told.")
                : null;
        }

        private static ExplainTrainingRow.EventOrigin Origin(PinnedSource source, EventTrace e)
        {
            var first = 0L;
            foreach (var file in source.Files)
            {
                if (e.Place < first + (file.Rows ?? 0))
                    return new(file.Path, e.Place - first, Moment(e.EventTime), e.Created is { } c ? Moment(c) : null);
                first += file.Rows ?? 0;
            }

            throw new InvalidOperationException($"'{source.Version}' has no row {e.Place}.");
        }

        /// <returns>Null where the row may not be seen.</returns>
        private static PushedBefore? Told(LocatedFeatureView view, Pushed pushed, ShownRows shown) =>
            shown.Of(pushed.Packed, view.Definition) is { IsThere: true } row
                ? new(
                    pushed.Row.Position, Moment(row.EventTime), pushed.Row.PushedAt, pushed.Row.PushedBy,
                    pushed.Row.Run is { } run ? NodeId.Run(run) : null, Values(view.Definition, row))
                : null;

        private static IReadOnlyDictionary<string, object?> Values(FeatureDefinition definition, HotRow row)
        {
            using var batch = PackedRows.Values(definition, [row.Address]);
            return definition.Features.ToDictionary(f => f.Name, f => ArrowCells.Of(batch.Column(f.Name), 0), StringComparer.Ordinal);
        }

        private static DateTimeOffset Moment(long microseconds) =>
            DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

        private sealed record Pushed(PushedRow Row, HotRow Packed);

        private sealed record Traced(IReadOnlyList<SourceEvents> List);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-views/{ns}/{name}/versions/{version}/explain",
                async (Segment ns, Segment name, Segment version, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name, version, body), ct)).ToHttp())
            .Answers<Answer>(
                "ExplainValue", "Tell why a model saw the values of a key", also: [ProblemKind.NotFound, ProblemKind.Unprocessable]);
}
