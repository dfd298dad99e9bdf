namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// What jobs read and write, in whichever version: because a run of theirs did, or because they were declared to. A dataset that is
/// dropped is used by nobody until somebody uses it again.
/// </summary>
internal sealed class JobUses(TemporalGraph graph, IReadOnlyDictionary<int, RunHistory> runs)
{
    private readonly Dictionary<Edge, SortedSet<long>> _declared = [];
    private readonly Dictionary<int, SortedSet<long>> _drops = [];

    /// <summary>Brings what a run's jobs use up to date.</summary>
    public void Update(RunHistory run, long position)
    {
        var uses = new HashSet<Edge>();
        foreach (var job in run.IsExplicit ? [] : run.Jobs)
        {
            uses.UnionWith(run.Inputs.Select(i => new Edge(i.Dataset, job, LineageRelation.Reads)));
            uses.UnionWith(run.Outputs.Select(o => new Edge(job, o.Dataset, LineageRelation.Writes)));
        }

        var gone = run.JobUses.Where(u => !uses.Contains(u)).ToList();
        run.JobUses = uses;
        foreach (var use in gone)
            Tell(use, position);
        foreach (var use in uses)
            Say(use, run.Start, position);
    }

    /// <summary>A job was said to use a dataset, without a run.</summary>
    public void Declare(Edge use, long time, long position)
    {
        if (!_declared.TryGetValue(use, out var times))
            _declared.Add(use, times = []);
        times.Add(time);
        Say(use, time, position);
    }

    public void Drop(int dataset, long time, long position)
    {
        if (!_drops.TryGetValue(dataset, out var drops))
            _drops.Add(dataset, drops = []);
        if (!drops.Add(time))
            return;
        foreach (var (job, _) in graph.EverNeighbours(dataset, into: false, LineageRelations.Of(LineageRelation.Reads)))
            Tell(new Edge(dataset, job, LineageRelation.Reads), position);
        foreach (var (job, _) in graph.EverNeighbours(dataset, into: true, LineageRelations.Of(LineageRelation.Writes)))
            Tell(new Edge(job, dataset, LineageRelation.Writes), position);
    }

    private void Say(Edge use, long time, long position)
    {
        if (_drops.ContainsKey(DatasetOf(use)))
            Tell(use, position);
        else
            graph.Hold(use.From, use.To, use.Relation, time, position);
    }

    /// <summary>From all that was said of a use: each time holds until the next drop.</summary>
    private void Tell(Edge use, long position)
    {
        var job = use.Relation == LineageRelation.Reads ? use.To : use.From;
        var times = graph.EverNeighbours(job, into: false, LineageRelations.Of(LineageRelation.Ran))
            .Select(r => runs.GetValueOrDefault(r.Node)).Where(r => r is not null && r.JobUses.Contains(use)).Select(r => r?.Start ?? 0)
            .Concat(_declared.GetValueOrDefault(use) ?? []);
        IReadOnlyList<Held> held = [];
        foreach (var time in times)
            held = Intervals.With(held, new Held(time, DropAfter(DatasetOf(use), time)));
        graph.Replace(use.From, use.To, use.Relation, [.. held], position);
    }

    private long DropAfter(int dataset, long time) =>
        _drops.TryGetValue(dataset, out var drops) && drops.GetViewBetween(time + 1, long.MaxValue) is { Count: > 0 } later ? later.Min : long.MaxValue;

    private static int DatasetOf(Edge use) => use.Relation == LineageRelation.Reads ? use.From : use.To;
}
