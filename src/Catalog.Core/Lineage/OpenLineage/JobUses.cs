using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// What jobs read and write, in whichever version: because a run of theirs did, or because they were declared to. A dataset that is
/// dropped is used by nobody until somebody uses it again.
/// </summary>
internal sealed class JobUses(TemporalGraph graph, IReadOnlyDictionary<int, RunHistory> runs)
{
    private readonly Dictionary<Edge, SortedTimes> _declared = [];
    private readonly Dictionary<int, SortedTimes> _drops = [];

    /// <summary>When datasets that were ever dropped were used.</summary>
    private readonly Dictionary<Edge, SortedTimes> _times = [];

    /// <summary>Brings what a run's jobs use up to date.</summary>
    public void Update(JobUse before, JobUse now, long position)
    {
        if (before == now)
            return;
        var (old, current) = (before.Edges().ToHashSet(), now.Edges().ToHashSet());
        foreach (var use in old)
        {
            if (_times.TryGetValue(use, out var times))
                times.Remove(before.Start);
            if (!current.Contains(use) || (before.Start != now.Start && _drops.ContainsKey(DatasetOf(use))))
                Tell(use, before.Start, position);
        }

        foreach (var use in current)
        {
            if (_times.TryGetValue(use, out var times))
                times.Add(now.Start);
            Say(use, now.Start, position);
        }
    }

    /// <summary>A job was said to use a dataset, without a run.</summary>
    public void Declare(Edge use, long time, long position)
    {
        if (!_declared.TryGetValue(use, out var times))
            _declared.Add(use, times = new SortedTimes());
        if (times.Contains(time))
            return;
        times.Add(time);
        if (_times.TryGetValue(use, out var counted))
            counted.Add(time);
        Say(use, time, position);
    }

    public void Drop(int dataset, long time, long position)
    {
        if (!_drops.TryGetValue(dataset, out var drops))
            _drops.Add(dataset, drops = new SortedTimes());
        if (drops.Contains(time))
            return;
        drops.Add(time);
        foreach (var (job, _) in graph.EverNeighbours(dataset, into: false, LineageRelations.Of(LineageRelation.Reads)))
            Split(new Edge(dataset, job, LineageRelation.Reads), time, position);
        foreach (var (job, _) in graph.EverNeighbours(dataset, into: true, LineageRelations.Of(LineageRelation.Writes)))
            Split(new Edge(job, dataset, LineageRelation.Writes), time, position);
    }

    public void WriteTo(SnapshotWriter snapshot)
    {
        Write(snapshot, _declared);
        Write(snapshot, _times);
        snapshot.Count(_drops.Count);
        foreach (var (dataset, drops) in _drops)
        {
            snapshot.Count(dataset);
            drops.WriteTo(snapshot);
        }
    }

    public void ReadFrom(SnapshotReader snapshot)
    {
        Read(snapshot, _declared);
        Read(snapshot, _times);
        for (var left = snapshot.Count(); left > 0; left--)
            _drops.Add(snapshot.Count(), SortedTimes.From(snapshot));
    }

    private static void Write(SnapshotWriter snapshot, Dictionary<Edge, SortedTimes> uses)
    {
        snapshot.Count(uses.Count);
        foreach (var (use, times) in uses)
        {
            use.WriteTo(snapshot);
            times.WriteTo(snapshot);
        }
    }

    private static void Read(SnapshotReader snapshot, Dictionary<Edge, SortedTimes> uses)
    {
        for (var left = snapshot.Count(); left > 0; left--)
            uses.Add(Edge.Read(snapshot), SortedTimes.From(snapshot));
    }

    private void Say(Edge use, long time, long position)
    {
        if (_drops.ContainsKey(DatasetOf(use)))
            Tell(use, time, position);
        else
            graph.Hold(use.From, use.To, use.Relation, time, position);
    }

    /// <summary>
    /// From all that was said of a use between two drops: it holds from the first time up to the next drop. What holds between others does
    /// not change, and is not looked at: a table that each run of a job makes and drops has thousands.
    /// </summary>
    private void Tell(Edge use, long time, long position)
    {
        var drops = _drops.GetValueOrDefault(DatasetOf(use));
        var times = drops is null ? AllTimes(use) : TimesOf(use);
        var between = new Held(drops?.LastUpTo(time) ?? long.MinValue, drops?.FirstAfter(time) ?? long.MaxValue);
        ReadOnlySpan<Held> held = times.FirstFrom(between.From) is { } first && first < between.To ? [new Held(first, between.To)] : [];
        graph.Replace(use.From, use.To, use.Relation, between, held, position);
    }

    /// <summary>A drop that was not known of ends what held over it; what was said since holds from its own first time.</summary>
    private void Split(Edge use, long drop, long position)
    {
        var (drops, times) = (_drops[DatasetOf(use)], TimesOf(use));
        var between = new Held(drops.LastUpTo(drop - 1) ?? long.MinValue, drops.FirstAfter(drop) ?? long.MaxValue);
        var held = new List<Held>(2);
        if (times.FirstFrom(between.From) is { } before && before < drop)
            held.Add(new Held(before, drop));
        if (times.FirstFrom(drop) is { } since && since < between.To)
            held.Add(new Held(since, between.To));
        graph.Replace(use.From, use.To, use.Relation, between, [.. held], position);
    }

    /// <summary>Of what was dropped the times are kept: its jobs may have run for years, and say so again with every run.</summary>
    private SortedTimes TimesOf(Edge use)
    {
        if (!_times.TryGetValue(use, out var times))
            _times.Add(use, times = AllTimes(use));
        return times;
    }

    /// <summary>The starts of all runs that say a use, and the times at which it was declared.</summary>
    private SortedTimes AllTimes(Edge use)
    {
        var times = new SortedTimes();
        var job = use.Relation == LineageRelation.Reads ? use.To : use.From;
        foreach (var (node, _) in graph.EverNeighbours(job, into: false, LineageRelations.Of(LineageRelation.Ran)))
        {
            if (runs.TryGetValue(node, out var run) && run.JobUse.Contains(use))
                times.Add(run.Start);
        }

        if (_declared.TryGetValue(use, out var declared))
        {
            foreach (var time in declared)
                times.Add(time);
        }

        return times;
    }

    private static int DatasetOf(Edge use) => use.Relation == LineageRelation.Reads ? use.From : use.To;
}
