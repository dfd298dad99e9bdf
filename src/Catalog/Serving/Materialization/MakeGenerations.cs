using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.Garbage;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Catalog.Serving.Pushing;
using Catalog.Storage.Hot;
using Catalog.Storage.Objects;
using Marten;

namespace Catalog.Serving.Materialization;

/// <summary>Makes the generations that were ordered, stores them, and lets them serve: all in one commit, or none.</summary>
internal sealed class MakeGenerations(
    GenerationMaker maker, MaterializationRun runs, ContentStore objects, UnusedObjects unused, HotFiles files, WritePath writes,
    States states, IDocumentStore store, IEnumerable<IGenerationPublisher> publishers, ServedViews served, TimeProvider clock)
{
    /// <summary>So many generations are kept of a version, with the one that serves: those before can be gone back to.</summary>
    private const int Kept = 4;

    public async Task<Outcome<MaterializeFeatures.Answer>> MakeAsync(
        MaterializeFeatures.Body wanted, IReadOnlyList<OrderedGeneration> ordered, IProgress<MaterializeProgress>? progress,
        CancellationToken ct)
    {
        var due = ordered.Where(o => !o.HasItAll).ToList();
        if (due.Count == 0)
        {
            return new MaterializeFeatures.Answer(
                [.. ordered.Select(Standing)], Changed: false, Activated: true, NotActivated: null, Run: null, Position: 0);
        }

        var run = await runs.BeginAsync(wanted.Node, [.. due.Select(o => o.Order)], ct);
        try
        {
            var built = new Dictionary<OrderedGeneration, FeatureGenerationBuilt>();
            foreach (var order in due)
                built.Add(order, await MakeAsync(order, run, progress, ct));
            var answer = await CommitAsync(wanted, ordered, built, run, ct);
            if (answer.Succeeded)
            {
                await runs.CompleteAsync(run, CancellationToken.None);
                if (answer.Value.Activated)
                    await served.ReachAsync([.. built.Values.Zip(due, (b, o) => (o.Order.View, b.Generation))], ct);
                foreach (var order in due)
                    await ForgetPushesAsync(order.Order.View, ct);
            }
            else
                await runs.FailAsync(run, answer.Problem.Detail);
            return answer;
        }
        catch (Exception e)
        {
            await runs.FailAsync(run, e is OperationCanceledException ? "It was given up." : e.Message);
            throw;
        }
    }

    private async Task<FeatureGenerationBuilt> MakeAsync(
        OrderedGeneration ordered, Guid run, IProgress<MaterializeProgress>? progress, CancellationToken ct)
    {
        var order = ordered.Order;
        var made = await maker.MakeAsync(order, progress, ct);
        try
        {
            progress?.Report(new(order.View.ToString(), "storing", made.Rows));
            var sha256 = await HotFiles.HashAsync(made.Path, ct);
            await unused.KeepAsync([sha256], ct);
            await using (var content = File.OpenRead(made.Path))
                await objects.StoreAsync(content, sha256, ct);
            await unused.KeepAsync([sha256], ct);
            files.Adopt(made.Path, sha256);
            var built = new FeatureGenerationBuilt(
                Guid.CreateVersion7(clock.GetUtcNow()), order.View.VersionNumber ?? 0, ordered.DefinitionHash,
                [.. order.Sources.Select(s => s.Source)], order.AsOf, ordered.PushedThrough, order.Base?.Id, run, made.Rows, made.Bytes,
                sha256, GenerationMaker.EngineOf(order.Definition));
            foreach (var publisher in publishers)
                await publisher.PublishAsync(order.View, built, ct);
            return built;
        }
        finally
        {
            File.Delete(made.Path);
        }
    }

    /// <summary>Rows that every generation has that may serve are in a dataset version, and not needed in the push log any more.</summary>
    private async Task ForgetPushesAsync(NodeId view, CancellationToken ct)
    {
        var state = await states.LoadAsync<FeatureView>(view.StreamId, ct);
        var through = state?.Generations.Where(g => g.Number == view.VersionNumber).Select(g => g.PushedThrough).ToList() ?? [];
        if (through.Count > 0 && through.Min() is > 0 and var upTo)
            await PushTable.RemoveAsync(store, view, upTo, ct);
    }

    private async Task<Outcome<MaterializeFeatures.Answer>> CommitAsync(
        MaterializeFeatures.Body wanted, IReadOnlyList<OrderedGeneration> ordered,
        IReadOnlyDictionary<OrderedGeneration, FeatureGenerationBuilt> built, Guid run, CancellationToken ct)
    {
        var streams = built.Keys.GroupBy(o => o.Order.View.StreamId, StringComparer.Ordinal).ToList();
        var activation = Guid.CreateVersion7(clock.GetUtcNow());
        var superseded = false;
        var written = await writes.DecideAsync<FeatureView>(
            [.. streams.Select(s => s.Key)],
            states =>
            {
                // What serves has changed since we began: whoever changed it knew more than we do.
                superseded = wanted.From is null && streams.Zip(states).Any(
                    s => s.First.Any(o => s.Second?.FindActive(o.Order.View.VersionNumber ?? 0)?.Generation != o.Active?.Generation));
                var serve = wanted.Activate && !superseded ? activation : (Guid?)null;
                return [.. streams.Select((s, i) => Decide(states[i], [.. s.Select(o => built[o])], serve, wanted.Reason))];
            },
            ct);
        return written.Decision is Decision.Refused refused
            ? Problem.Refused(refused)
            : new MaterializeFeatures.Answer(
                [.. ordered.Select(o => built.TryGetValue(o, out var made) ? Made(o, made) : Standing(o))],
                Changed: true,
                Activated: wanted.Activate && !superseded,
                superseded ? "Something else was activated while this was made: activate it, if it is to serve nevertheless."
                    : wanted.Activate ? null : "It was not asked for.",
                NodeId.Run(run),
                written.Position);
    }

    /// <summary>Records generations of one view; lets them serve, and lets go of the oldest, where they are to.</summary>
    internal static Decision Decide(FeatureView? state, IReadOnlyList<FeatureGenerationBuilt> built, Guid? activation, string? reason)
    {
        var facts = new List<object>();
        foreach (var generation in built)
        {
            if (Take(RecordGeneration.Decide(state, generation)) is { } no)
                return no;
        }

        if (activation is { } together && state is not null)
        {
            var view = NodeId.Parse(state.Id);
            if (Take(ActivateGenerations.Decide(state, view, [.. built.Select(b => b.Generation)], together, reason)) is { } no)
                return no;
        }

        foreach (var old in built.SelectMany(b => TooOld(state, b.Number)))
            Take(Decision.Accept(new FeatureGenerationDropped(old, "Later generations have taken its place.")));
        return Decision.Accept([.. facts]);

        Decision? Take(Decision decision)
        {
            if (decision is Decision.Accepted accepted)
            {
                facts.AddRange(accepted.Facts);
                state = accepted.Facts.Aggregate(state, FeatureView.Fold);
            }

            return decision as Decision.Refused;
        }
    }

    /// <summary>Neither what serves is let go of, nor what would after the next steps back, nor what was made after it.</summary>
    private static IEnumerable<Guid> TooOld(FeatureView? state, long number)
    {
        if (state is null)
            return [];
        var wanted = state.ServingOf(number).TakeLast(Kept).Select(s => s.Generation).ToHashSet();
        var built = state.Generations.Where(g => g.Number == number).Select(g => g.Generation).ToList();
        return built.SkipLast(Kept).Where(g => !wanted.Contains(g));
    }

    private static MaterializedView Made(OrderedGeneration ordered, FeatureGenerationBuilt built) => new(
        ordered.Order.View, NodeId.Generation(built.Generation), [.. built.Sources.Select(s => s.Version)], built.AsOf, built.Rows,
        built.Bytes, built.Base is { } earlier ? NodeId.Generation(earlier) : null, Changed: true);

    private static MaterializedView Standing(OrderedGeneration ordered) => ordered.Active is { } active
        ? Made(ordered, active) with { Changed = false }
        : throw new InvalidOperationException($"Nothing serves '{ordered.Order.View}', and nothing was made.");
}

/// <summary>Brings a generation to a place that others serve it from.</summary>
internal interface IGenerationPublisher
{
    /// <param name="view">By number.</param>
    Task PublishAsync(NodeId view, FeatureGenerationBuilt built, CancellationToken ct);
}
