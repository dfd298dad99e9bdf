using System.Runtime.InteropServices;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Log;

namespace Catalog.Lineage;

/// <summary>
/// What single facts say of the edge between two nodes. Each is folded by itself, into a graph of its own, by what folds the log: nothing
/// else knows which facts make which edges.
/// </summary>
/// <remarks>
/// What a fact does not know by itself is taken from the whole graph: which version an input without a label was pinned to, of which jobs
/// its run is, and that a run whose outputs it names did complete.
/// </remarks>
/// <param name="view">The whole graph.</param>
/// <param name="asOf">Up to which log position it counts.</param>
/// <param name="from">Where data came from.</param>
/// <param name="to">What it flowed into.</param>
internal sealed class EdgeClaim(GraphView view, long asOf, NodeId from, NodeId to)
{
    /// <summary>Log position of what is folded alone.</summary>
    internal const long Here = 1;

    /// <summary>Since when edges hold that a graph of one fact is given, and that the fact does not say: later than any fact.</summary>
    internal const long Given = long.MaxValue - 1;

    private readonly HashSet<long> _heldFrom = HeldFrom(view, from, to);

    /// <summary>The relations that the fact says, and since when they hold by its own word; none when it does not say the edge.</summary>
    public IReadOnlyList<Said> Of(LogEntry entry, object fact)
    {
        if (fact is OpenLineageReceived { Late: true })
            return [];
        if (fact is not OpenLineageReceived told)
            return Native(entry, fact);

        // Whether the run completed is for its other events to say: this one may come before.
        var completes = told.Event.State == OpenLineageState.Complete;
        var alone = new TemporalGraph();
        var fold = new OpenLineageFold(alone);
        foreach (var other in OtherJobs(told.Event))
            fold.Apply(other, Here);
        fold.Apply(told.Event with { State = OpenLineageState.Complete }, Here);
        var said = In(alone).Select(s => s.Relation == LineageRelation.Output && !completes ? s with { Since = null } : s).ToList();
        var isEnd = completes && from == told.Event.Run?.Node && _heldFrom.Contains(told.Event.Time.UtcTicks);
        return said.Count == 0 && isEnd && Ends() ? [new Said(LineageRelation.Output, told.Event.Time)] : said;
    }

    /// <summary>Of a run that clients say is of several jobs, what one event names is read and made by all of them.</summary>
    private IEnumerable<OpenLineageEvent> OtherJobs(OpenLineageEvent told)
    {
        if (told is not { Run: { } run, Job: { } said } || view.Find(run.Node) is not (var number and >= 0))
            return [];
        NodeId[] ends = from.Kind == NodeKind.Run || to.Kind == NodeKind.Run ? [] : [from, to];
        return view.EverNeighbours(number, into: true, LineageRelations.Of(LineageRelation.Ran))
            .Select(n => view.NodeOf(n.Node))
            .Where(job => job != said.Node && ends.Contains(job))
            .Select(job => told with { State = null, Job = said with { Node = job, Lineage = null }, Inputs = [], Outputs = [] });
    }

    /// <summary>A run's own facts do not repeat whose run it is, nor those of a view whom it serves.</summary>
    private List<Said> Native(LogEntry entry, object fact)
    {
        var alone = new TemporalGraph();
        if (NodeId.TryParse(entry.Stream, out var node, out _) && view.Find(node) is var run and >= 0)
        {
            foreach (var (job, _) in view.EverNeighbours(run, into: true, LineageRelations.Of(LineageRelation.Ran)))
            {
                if (view.NodeOf(job) is var of && (of == from || of == to))
                    alone.Hold(alone.Node(of), alone.Node(node), LineageRelation.Ran, Given, Here);
            }
        }

        new ServingClaim(view, from, to).Prepare(alone, entry, fact);
        new LineageFold(alone).Apply(entry with { Position = Here }, fact);
        return In(alone);
    }

    private List<Said> In(TemporalGraph alone)
    {
        alone.Publish(Here);
        var told = alone.Current;
        var target = told.Find(to);
        var said = target < 0 ? [] : Between(told, told.Find(from), target);
        if (said.Count > 0)
            return said;
        return (from.Kind, to.Kind) switch
        {
            (NodeKind.Dataset, NodeKind.Run) when target >= 0 => Unlabelled(told, target, into: true, LineageRelation.Input),
            (NodeKind.Run, NodeKind.Dataset) when told.Find(from) is var run and >= 0 =>
                Unlabelled(told, run, into: false, LineageRelation.Output),
            _ => [],
        };
    }

    private static List<Said> Between(GraphView told, int source, int target) => source < 0
        ? []
        : [
            .. told.HistoryOf(source, target, new LineageRelations(uint.MaxValue))
                .Where(h => h.HeldFrom < Given)
                .Select(h => new Said(h.Relation, new DateTimeOffset(h.HeldFrom, TimeSpan.Zero))),
        ];

    /// <summary>Uses of the dataset that do not say which version, and so are of the one that the whole graph has there.</summary>
    private List<Said> Unlabelled(GraphView told, int run, bool into, LineageRelation relation)
    {
        var version = into ? from : to;
        var said = new List<Said>();
        foreach (var (number, _) in told.Neighbours(run, into, LineageRelations.Of(relation), Moment.Latest))
        {
            var named = told.NodeOf(number);
            if (named.Version is not { } text || text.StartsWith("label.", StringComparison.Ordinal))
                continue;
            if (named.WithoutVersion() == version.WithoutVersion() || (into && IsPinnedElsewhere(named.WithoutVersion())))
                said.AddRange(into ? Between(told, number, run) : Between(told, run, number));
        }

        return said;
    }

    /// <summary>
    /// Whether the run, which has no version of this dataset by this name, reads the one asked about by another of its names.
    /// </summary>
    private bool IsPinnedElsewhere(NodeId named)
    {
        var run = view.Find(to);
        var inputs = view.Neighbours(run, into: true, LineageRelations.Of(LineageRelation.Input), new Moment(asOf, long.MaxValue));
        if (inputs.Any(i => view.NodeOf(i.Node).WithoutVersion() == named))
            return false;

        var (met, ahead) = (new HashSet<NodeId> { named }, new Queue<NodeId>([named]));
        while (ahead.TryDequeue(out var here))
        {
            if (view.Find(here) is var number && number < 0)
                continue;
            foreach (var (other, _) in view.EverNeighbours(
                number, into: true, LineageRelations.Of(LineageRelation.Symlink, LineageRelation.Renamed)))
            {
                if (met.Add(view.NodeOf(other)))
                    ahead.Enqueue(view.NodeOf(other));
            }
        }

        return met.Contains(from.WithoutVersion());
    }

    private bool Ends() => to.Kind == NodeKind.Dataset && to.Version is not null;

    private static HashSet<long> HeldFrom(GraphView view, NodeId from, NodeId to) =>
        view.Find(from) is var source and >= 0 && view.Find(to) is var target and >= 0
            ? [.. view.HistoryOf(source, target, new LineageRelations(uint.MaxValue)).Select(h => h.HeldFrom)]
            : [];

    /// <param name="Relation">How data flowed.</param>
    /// <param name="Since">Null where another fact says since when.</param>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Said(LineageRelation Relation, DateTimeOffset? Since);
}
