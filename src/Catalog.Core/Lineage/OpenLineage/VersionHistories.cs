using Catalog.Integrity;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// Which version of a dataset was current when: versions that runs completed and versions that the catalog made, in the order of their
/// times. Runs that read the dataset without saying which version are pinned to the one that was current when they started.
/// </summary>
internal sealed class VersionHistories(TemporalGraph graph)
{
    private readonly Dictionary<int, DatasetHistory> _datasets = [];
    private readonly Dictionary<int, VersionMentions> _mentions = [];

    /// <summary>Brings the edges of one run between versions up to date.</summary>
    /// <returns>Other runs, whose pins that may have changed.</returns>
    public IReadOnlyCollection<RunHistory> Update(RunHistory run, long position)
    {
        var (edges, affected) = (new Dictionary<Edge, long>(), new HashSet<RunHistory>());
        foreach (var (dataset, label) in Distinct(run.Inputs))
        {
            if (label is null)
                Of(dataset).Read(run);
            var version = label is null ? CurrentAt(dataset, run) ?? Named(dataset, "initial") : Labelled(dataset, label);
            edges[new Edge(version, run.Node, LineageRelation.Input)] = run.Start;
        }

        foreach (var (dataset, label) in Distinct(run.Outputs))
        {
            var version = label is null ? Named(dataset, $"run.{graph.NodeOf(run.Node).Name}") : Labelled(dataset, label);
            if (run.Completed is { } completed)
                edges[new Edge(run.Node, version, LineageRelation.Output)] = completed;
        }

        // What it made before and does not make now is taken back first.
        foreach (var (edge, _) in run.Told.Where(t => t.Key.Relation == LineageRelation.Output && !edges.ContainsKey(t.Key)))
            affected.UnionWith(Of(_mentions[edge.To].Dataset).Remove(run.Node, edge.To));
        foreach (var (edge, completed) in edges.Where(e => e.Key.Relation == LineageRelation.Output))
            affected.UnionWith(Of(_mentions[edge.To].Dataset).Put(run.Node, edge.To, completed));
        Tell(run, edges, position);
        affected.Remove(run);
        return affected;
    }

    /// <summary>A version that the catalog made. It is known there by its number, and is its own maker here.</summary>
    /// <returns>Runs whose pins may have changed.</returns>
    public IReadOnlyCollection<RunHistory> Put(int dataset, int version, long time) => Of(dataset).Put(version, version, time);

    /// <summary>Two names of one dataset: their versions follow each other in one history.</summary>
    /// <returns>Runs whose pins may have changed.</returns>
    public IReadOnlyCollection<RunHistory> Join(int one, int other)
    {
        var (kept, gone) = (Of(one), Of(other));
        if (kept == gone)
            return [];
        kept.Absorb(gone);
        foreach (var (dataset, _) in _datasets.Where(d => d.Value == gone).ToList())
            _datasets[dataset] = kept;
        return kept.AllReaders();
    }

    /// <summary>A dataset goes on under another name: until it has versions of its own there, those of the old name are current.</summary>
    /// <returns>Runs whose pins may have changed.</returns>
    public IReadOnlyCollection<RunHistory> Rename(int previous, int dataset, long time)
    {
        var (from, to) = (Of(previous), Of(dataset));
        from.WentOnAs.Add(dataset);
        return to.CameFrom.Add((time, previous)) ? from.AllReaders() : [];
    }

    /// <summary>
    /// The version that a run found when it started, under this name or, where it had none yet, under the last one before.
    /// </summary>
    private int? CurrentAt(int dataset, RunHistory run)
    {
        var seen = new HashSet<DatasetHistory>();
        for (var here = Of(dataset); seen.Add(here);)
        {
            if (here.CurrentAt(run.Start, run.Node) is { } version)
                return version;
            var renamed = here.CameFrom.Where(r => r.Time <= run.Start).ToList();
            if (renamed.Count == 0)
                return null;
            here = Of(renamed.MaxBy(r => (r.Time, Name(r.Dataset))).Dataset);
        }

        return null; // renamed in a circle
    }

    private void Tell(RunHistory run, Dictionary<Edge, long> edges, long position)
    {
        foreach (var (edge, _) in run.Told.Where(t => !edges.ContainsKey(t.Key)))
        {
            graph.Replace(edge.From, edge.To, edge.Relation, [], position);
            Mention(edge, since: null, position);
        }

        foreach (var (edge, since) in edges.Where(e => !run.Told.TryGetValue(e.Key, out var told) || told != e.Value))
        {
            graph.Replace(edge.From, edge.To, edge.Relation, [Held.Since(since)], position);
            Mention(edge, since, position);
        }

        run.Told = edges;
    }

    /// <summary>A version is there for as long as a run makes it, or reads it by its label.</summary>
    private void Mention(Edge edge, long? since, long position)
    {
        var (version, run) = edge.Relation == LineageRelation.Input ? (edge.From, edge.To) : (edge.To, edge.From);
        if (!_mentions.TryGetValue(version, out var mentions) || (edge.Relation == LineageRelation.Input && !mentions.IsThereWhenRead))
            return;
        mentions.Set((run, edge.Relation), since);
        graph.Replace(mentions.Dataset, version, LineageRelation.Version, mentions.Since is { } from ? [Held.Since(from)] : [], position);
    }

    /// <summary>A use with a label says more than the same without.</summary>
    private static IEnumerable<Use> Distinct(IEnumerable<Use> uses)
    {
        var all = uses.ToList();
        return all.Where(u => u.Label is not null || !all.Exists(other => other.Dataset == u.Dataset && other.Label is not null));
    }

    private int Labelled(int dataset, string label) =>
        Named(dataset, $"label.{label}" is { Length: <= Names.MaxLength } text ? text : $"label.sha256.{Sha256.Hash(System.Text.Encoding.UTF8.GetBytes(label))}");

    private int Named(int dataset, string version)
    {
        var node = graph.Node(graph.NodeOf(dataset).WithVersion(version));
        if (!_mentions.ContainsKey(node))
            _mentions.Add(node, new VersionMentions(dataset, IsThereWhenRead: !version.StartsWith("run.", StringComparison.Ordinal), IsInitial: version == "initial"));
        return node;
    }

    private string Name(int node) => graph.NodeOf(node).ToString();

    private DatasetHistory Of(int dataset)
    {
        if (!_datasets.TryGetValue(dataset, out var history))
            _datasets.Add(dataset, history = new DatasetHistory(Name, Of));
        return history;
    }

    /// <summary>Who says that a version is there, and since when.</summary>
    /// <param name="Dataset">Of which dataset.</param>
    /// <param name="IsThereWhenRead">Whether reading it says so; else only making it does.</param>
    /// <param name="IsInitial">What a dataset was before anybody spoke of a version: it was always there.</param>
    private sealed record VersionMentions(int Dataset, bool IsThereWhenRead, bool IsInitial)
    {
        private readonly Dictionary<(int Run, LineageRelation Relation), long> _since = [];

        public long? Since => _since.Count == 0 ? null : IsInitial ? 0 : _since.Values.Min();

        public void Set((int Run, LineageRelation Relation) who, long? since)
        {
            if (since is { } time)
                _since[who] = time;
            else
                _since.Remove(who);
        }
    }
}
