using Catalog.Integrity;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// Which version of a dataset was current when: versions that runs completed and versions that the catalog made, in the order of their
/// times. Runs that read the dataset without saying which version are pinned to the one that was current when they started.
/// </summary>
internal sealed class VersionHistories(TemporalGraph graph)
{
    private readonly Dictionary<int, DatasetHistory> _datasets = [];
    private readonly Dictionary<int, Mentions> _mentions = [];
    private readonly Dictionary<int, int> _initial = [];

    /// <summary>Brings the edges of one run between versions up to date.</summary>
    /// <returns>Runs whose pins may have changed by that.</returns>
    public IReadOnlyCollection<int> Update(RunHistory run, long position)
    {
        var (told, uses) = (run.Told, run.Uses);
        if (told.Uses != uses || told.Start != run.Start)
            Register(run);
        var inputs = VersionsRead(run);
        if (told.Uses == uses && told.Start == run.Start && told.Completed == run.Completed && told.Inputs.AsSpan().SequenceEqual(inputs))
            return [];

        run.Told = new Told(uses, run.Start, inputs, run.Completed, VersionsMade(run));
        TellInputs(run.Node, told, run.Told, position);
        return TellOutputs(run.Node, told, run.Told, position);
    }

    /// <summary>A version that the catalog made. It is known there by its number, and is its own maker here.</summary>
    /// <returns>Runs whose pins may have changed.</returns>
    public IReadOnlyCollection<int> Put(int dataset, int version, long time) =>
        Affected(dataset, time, Of(dataset).Add(time, version, version));

    /// <summary>Two names of one dataset: their versions follow each other in one history.</summary>
    /// <returns>Runs whose pins may have changed.</returns>
    public IReadOnlyCollection<int> Join(int one, int other)
    {
        var (kept, gone) = (Of(one), Of(other));
        if (kept == gone)
            return [];
        if (kept.Size < gone.Size)
            (kept, gone) = (gone, kept);
        kept.Absorb(gone);
        foreach (var name in gone.Names)
            _datasets[name] = kept;
        var readers = new List<int>();
        kept.TakeReaders(long.MinValue, long.MaxValue, readers);
        return Affected(one, long.MinValue, readers);
    }

    /// <summary>A dataset goes on under another name: until it has versions of its own there, those of the old name are current.</summary>
    /// <returns>Runs whose pins may have changed.</returns>
    public IReadOnlyCollection<int> Rename(int previous, int dataset, long time)
    {
        Of(previous).WentOnAs.Add(dataset);
        return Of(dataset).ComeFrom(previous, time) ? ReadersBehind([dataset], time, []) : [];
    }

    public void WriteTo(SnapshotWriter snapshot)
    {
        var histories = _datasets.Values.ToHashSet();
        snapshot.Count(histories.Count);
        foreach (var history in histories)
            history.WriteTo(snapshot);
        snapshot.Count(_mentions.Count);
        foreach (var (version, mentions) in _mentions)
        {
            snapshot.Count(version);
            mentions.WriteTo(snapshot);
        }
    }

    public void ReadFrom(SnapshotReader snapshot)
    {
        for (var left = snapshot.Count(); left > 0; left--)
        {
            var history = DatasetHistory.From(snapshot, graph);
            foreach (var name in history.Names)
                _datasets.Add(name, history);
        }

        for (var left = snapshot.Count(); left > 0; left--)
        {
            var (version, mentions) = (snapshot.Count(), Mentions.From(snapshot));
            _mentions.Add(version, mentions);
            if (mentions.IsInitial)
                _initial.Add(mentions.Dataset, version);
        }
    }

    /// <summary>The runs that read whichever version is current are those to ask when one is made.</summary>
    private void Register(RunHistory run)
    {
        foreach (var use in run.Told.Uses.Inputs)
        {
            if (use.Label is null)
                Of(use.Dataset).RemoveReader(run.Told.Start, run.Node, use.Dataset);
        }

        foreach (var use in run.Uses.Inputs)
        {
            if (use.Label is null)
                Of(use.Dataset).AddReader(run.Start, run.Node, use.Dataset);
        }
    }

    private int[] VersionsRead(RunHistory run)
    {
        var (uses, known) = (run.Uses.Inputs, run.Told.Uses == run.Uses ? run.Told.Inputs : null);
        var versions = new int[uses.Length];
        for (var i = 0; i < uses.Length; i++)
        {
            versions[i] = uses[i].Label is { } label
                ? known?[i] ?? Labelled(uses[i].Dataset, label)
                : CurrentAt(uses[i].Dataset, run) ?? Initial(uses[i].Dataset);
        }

        return versions;
    }

    private int[] VersionsMade(RunHistory run)
    {
        if (run.Completed is null)
            return [];
        if (run.Told.Completed is not null && run.Told.Uses == run.Uses)
            return run.Told.Outputs;
        return Array.ConvertAll(run.Uses.Outputs, use => use.Label is { } label
            ? Labelled(use.Dataset, label)
            : graph.Node(graph.NodeOf(use.Dataset).WithVersion($"run.{graph.NodeOf(run.Node).Name}")));
    }

    /// <summary>
    /// The version that a run found when it started, under this name or, where it had none yet, under the last one before.
    /// </summary>
    private int? CurrentAt(int dataset, RunHistory run)
    {
        var here = Of(dataset);
        for (HashSet<DatasetHistory>? seen = null; ;)
        {
            if (here.CurrentAt(run.Start, run.Node) is { } version)
                return version;
            if (here.CameFromAt(run.Start) is not { } previous || !(seen ??= []).Add(here)) // renamed in a circle
                return null;
            here = Of(previous);
        }
    }

    private void TellInputs(int run, Told before, Told now, long position)
    {
        var (old, current) = (before.Inputs.ToHashSet(), now.Inputs.ToHashSet());
        foreach (var version in old.Where(v => !current.Contains(v)))
        {
            graph.Replace(version, run, LineageRelation.Input, [], position);
            Mention(version, before.Start, since: null, position);
        }

        foreach (var version in current)
        {
            var since = old.Contains(version) ? before.Start : (long?)null;
            if (since == now.Start)
                continue;
            graph.Replace(version, run, LineageRelation.Input, [Held.Since(now.Start)], position);
            Mention(version, since, now.Start, position);
        }
    }

    /// <returns>Runs whose pins may have changed.</returns>
    private HashSet<int> TellOutputs(int run, Told before, Told now, long position)
    {
        var (old, current) = (before.Made(), now.Made());
        var affected = new HashSet<int>();
        foreach (var (version, made) in old.Where(o => !current.TryGetValue(o.Key, out var still) || still.Since != o.Value.Since))
        {
            affected.UnionWith(Affected(made.Use.Dataset, made.Since, Of(made.Use.Dataset).Remove(made.Since, version, run)));
            if (current.ContainsKey(version))
                continue;
            graph.Replace(run, version, LineageRelation.Output, [], position);
            Tell(made.Use, version, made.Since, since: null, position);
        }

        foreach (var (version, made) in current)
        {
            var since = old.TryGetValue(version, out var then) ? then.Since : (long?)null;
            if (made.Since == since)
                continue;
            affected.UnionWith(Affected(made.Use.Dataset, made.Since, Of(made.Use.Dataset).Add(made.Since, version, run)));
            graph.Replace(run, version, LineageRelation.Output, [Held.Since(made.Since)], position);
            Tell(made.Use, version, since, made.Since, position);
        }

        affected.Remove(run);
        return affected;
    }

    /// <summary>A version that a run names after itself is there because of that run alone.</summary>
    private void Tell(Use use, int version, long? before, long? since, long position)
    {
        if (use.Label is not null)
            Mention(version, before, since, position);
        else
            graph.Replace(use.Dataset, version, LineageRelation.Version, since is { } from ? [Held.Since(from)] : [], position);
    }

    /// <summary>Other versions are there for as long as a run makes them, or reads them.</summary>
    private void Mention(int version, long? before, long? since, long position)
    {
        if (_mentions.TryGetValue(version, out var mentions) && mentions.Change(before, since))
        {
            graph.Replace(
                mentions.Dataset, version, LineageRelation.Version, mentions.Since is { } from ? [Held.Since(from)] : [], position);
        }
    }

    /// <summary>To those who read under this name come those who read under a later one.</summary>
    /// <param name="dataset">Whose versions changed.</param>
    /// <param name="time">From when on, in ticks (UTC).</param>
    /// <param name="here">Those who read it under this name.</param>
    private IReadOnlyCollection<int> Affected(int dataset, long time, IReadOnlyCollection<int> here) =>
        Of(dataset).WentOnAs is { Count: > 0 } later ? ReadersBehind(later, time, here) : here;

    /// <summary>
    /// Those who read under a name, or under one that came after it, and find the versions of names before: as long as there are none under
    /// their own.
    /// </summary>
    private HashSet<int> ReadersBehind(IEnumerable<int> names, long time, IEnumerable<int> others)
    {
        var (found, seen) = (new HashSet<int>(others), new HashSet<DatasetHistory>());
        for (var ahead = new Queue<int>(names); ahead.TryDequeue(out var name);)
        {
            if (Of(name) is var history && !seen.Add(history))
                continue;
            history.TakeReaders(time, history.IsKnownToAllFrom(), found);
            foreach (var later in history.WentOnAs)
                ahead.Enqueue(later);
        }

        return found;
    }

    private int Labelled(int dataset, string label)
    {
        var version = $"label.{label}";
        return version.Length <= Names.MaxLength
            ? Named(dataset, version)
            : Named(dataset, $"label.sha256.{Sha256.Hash(System.Text.Encoding.UTF8.GetBytes(label))}");
    }

    private int Initial(int dataset)
    {
        if (!_initial.TryGetValue(dataset, out var version))
            _initial.Add(dataset, version = Named(dataset, "initial"));
        return version;
    }

    private int Named(int dataset, string version)
    {
        var node = graph.Node(graph.NodeOf(dataset).WithVersion(version));
        _mentions.TryAdd(node, new Mentions(dataset, isInitial: version == "initial"));
        return node;
    }

    private DatasetHistory Of(int dataset)
    {
        if (!_datasets.TryGetValue(dataset, out var history))
        {
            _datasets.Add(dataset, history = new DatasetHistory(graph));
            history.Names.Add(dataset);
        }

        return history;
    }

    /// <summary>Since when a version is said to be there, which any number of runs say.</summary>
    /// <param name="dataset">Of which dataset.</param>
    /// <param name="isInitial">What a dataset was before anybody spoke of a version: it was always there.</param>
    private sealed class Mentions(int dataset, bool isInitial)
    {
        private SortedTimes _times = new();

        public int Dataset => dataset;

        public bool IsInitial => isInitial;

        public long? Since => _times.First;

        public static Mentions From(SnapshotReader snapshot) =>
            new(snapshot.Count(), snapshot.Flag()) { _times = SortedTimes.From(snapshot) };

        public void WriteTo(SnapshotWriter snapshot)
        {
            snapshot.Count(dataset);
            snapshot.Flag(isInitial);
            _times.WriteTo(snapshot);
        }

        /// <summary>Somebody says another time than before.</summary>
        /// <returns>Whether <see cref="Since"/> changed.</returns>
        public bool Change(long? before, long? now)
        {
            var since = Since;
            if (before is { } gone)
                _times.Remove(isInitial ? 0 : gone);
            if (now is { } come)
                _times.Add(isInitial ? 0 : come);
            return Since != since;
        }
    }
}
