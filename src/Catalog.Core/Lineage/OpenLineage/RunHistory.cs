namespace Catalog.Lineage.OpenLineage;

/// <summary>A dataset that a run reads or writes, and the client's label of the version, where it gave one.</summary>
internal readonly record struct Use(int Dataset, string? Label);

/// <summary>
/// What is known of one run. All of it is the least, the latest or the union of what events say, so that their order does not matter.
/// </summary>
internal sealed class RunHistory(int node)
{
    private readonly Uses _said = new();
    private long _snapshotTime = long.MinValue;
    private Uses _snapshot = new();
    private (long Time, OpenLineageState State) _end = (long.MinValue, OpenLineageState.Other);

    public int Node => node;

    /// <summary>The jobs that it is an execution of; one, unless clients disagree.</summary>
    public HashSet<int> Jobs { get; } = [];

    /// <summary>When it started, as far as is known: the time of its first event.</summary>
    public long Start { get; private set; } = long.MaxValue;

    /// <summary>When it completed; null while it has not, or when it ended otherwise after all.</summary>
    public long? Completed => _end.State == OpenLineageState.Complete ? _end.Time : null;

    /// <summary>What events said bit by bit, and what the latest of those said that say all there is to say.</summary>
    public IEnumerable<Use> Inputs => _said.Inputs.Union(_snapshot.Inputs);

    public IEnumerable<Use> Outputs => _said.Outputs.Union(_snapshot.Outputs);

    /// <summary>Whether edges are said one by one: inputs and outputs are then not connected through the job.</summary>
    public bool IsExplicit { get; private set; }

    /// <summary>The edges that the graph has of it, and since when they hold.</summary>
    public Dictionary<Edge, long> Told { get; set; } = [];

    /// <summary>What its jobs were said to read and write because of it.</summary>
    public HashSet<Edge> JobUses { get; set; } = [];

    public void Take(OpenLineageEvent said, int job, TemporalGraph graph)
    {
        var time = said.Time.UtcTicks;
        Jobs.Add(job);
        Start = Math.Min(Start, time);
        IsExplicit |= said.Job?.Lineage is not null;

        // The latest of the ends counts; of two at one time the worse.
        if (said.State is OpenLineageState.Complete or OpenLineageState.Abort or OpenLineageState.Fail && (time, said.State.Value).CompareTo(_end) > 0)
            _end = (time, said.State.Value);
        TakeUses(said, time, graph);
    }

    private void TakeUses(OpenLineageEvent said, long time, TemporalGraph graph)
    {
        if (said.Job is not { CompleteSnapshot: true })
        {
            _said.Add(said, graph);
            return;
        }

        if (time > _snapshotTime)
            (_snapshotTime, _snapshot) = (time, new Uses());
        if (time == _snapshotTime)
            _snapshot.Add(said, graph);
    }

    private sealed class Uses
    {
        public HashSet<Use> Inputs { get; } = [];

        public HashSet<Use> Outputs { get; } = [];

        public void Add(OpenLineageEvent said, TemporalGraph graph)
        {
            Inputs.UnionWith(said.Inputs.Select(d => new Use(graph.Node(d.Node), d.Version)));
            Outputs.UnionWith(said.Outputs.Select(d => new Use(graph.Node(d.Node), d.Version)));
        }
    }
}
