using System.Runtime.InteropServices;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// What is known of one run. All of it is the least, the latest or the union of what events say, so that their order does not matter.
/// There is one of each run that was ever heard of: it is kept small.
/// </summary>
internal sealed class RunHistory(int node)
{
    private Uses _said = Uses.None;
    private long _snapshotTime = long.MinValue;
    private Uses _snapshot = Uses.None;
    private long _endTime = long.MinValue;
    private OpenLineageState _endState = OpenLineageState.Other;

    public int Node => node;

    /// <summary>The jobs that it is an execution of; one, unless clients disagree.</summary>
    public int[] Jobs { get; private set; } = [];

    /// <summary>When it started, in ticks (UTC), as far as is known: the time of its first event.</summary>
    public long Start { get; private set; } = long.MaxValue;

    /// <summary>When it completed; null while it has not, or when it ended otherwise after all.</summary>
    public long? Completed => _endState == OpenLineageState.Complete ? _endTime : null;

    /// <summary>What events said bit by bit, and what the latest of those said that say all there is to say.</summary>
    public Uses Uses { get; private set; } = Uses.None;

    /// <summary>Whether edges are said one by one: inputs and outputs are then not connected through the job.</summary>
    public bool IsExplicit { get; private set; }

    /// <summary>What its jobs use because of it.</summary>
    public JobUse JobUse => new(Jobs, Uses, IsExplicit, Start);

    /// <summary>The edges between versions that the graph has of it.</summary>
    public Told Told { get; set; } = Told.Nothing;

    /// <param name="said">An event of the run.</param>
    /// <param name="uses">What the event says that it uses.</param>
    /// <param name="job">The job that the event names.</param>
    public void Take(OpenLineageEvent said, Uses uses, int job)
    {
        var time = said.Time.UtcTicks;
        if (!Jobs.Contains(job))
            Jobs = [.. Jobs, job];
        Start = Math.Min(Start, time);
        IsExplicit |= said.Job?.Lineage is not null;

        // The latest of the ends counts; of two at one time the worse.
        if (said.State is { } state && IsEnd(state) && (time, state).CompareTo((_endTime, _endState)) > 0)
            (_endTime, _endState) = (time, state);
        Take(uses, said.Job is { CompleteSnapshot: true }, time);
    }

    private static bool IsEnd(OpenLineageState state) =>
        state is OpenLineageState.Complete or OpenLineageState.Abort or OpenLineageState.Fail;

    private void Take(Uses uses, bool saysAll, long time)
    {
        if (!saysAll)
        {
            _said = _said.With(uses);
        }
        else if (time >= _snapshotTime)
        {
            _snapshot = time > _snapshotTime ? uses : _snapshot.With(uses);
            _snapshotTime = time;
        }

        Uses = _said.With(_snapshot);
    }
}

/// <summary>A dataset that a run reads or writes, and the client's label of the version, where it gave one.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Use(int Dataset, string? Label)
{
    public static IComparer<Use> Order { get; } = Comparer<Use>.Create((a, b) =>
        a.Dataset != b.Dataset ? a.Dataset.CompareTo(b.Dataset) : string.CompareOrdinal(a.Label, b.Label));
}

/// <summary>
/// What a run reads and writes, each in order and once. A use with a label says more than the same without, and takes its place. Never
/// changed: runs of a job that use the same share one.
/// </summary>
internal sealed class Uses
{
    private Uses(Use[] inputs, Use[] outputs) => (Inputs, Outputs) = (inputs, outputs);

    public static Uses None { get; } = new([], []);

    public Use[] Inputs { get; }

    public Use[] Outputs { get; }

    public static Uses Of(IEnumerable<Use> inputs, IEnumerable<Use> outputs) =>
        Ordered(inputs) is var reads && Ordered(outputs) is var writes && reads.Length + writes.Length > 0 ? new Uses(reads, writes) : None;

    public Uses With(Uses more)
    {
        if (more == this || more == None)
            return this;
        if (this == None)
            return more;
        var both = Of(Inputs.Concat(more.Inputs), Outputs.Concat(more.Outputs));
        return both.Says(this) ? this : both.Says(more) ? more : both;
    }

    public bool Says(Uses other) => Inputs.AsSpan().SequenceEqual(other.Inputs) && Outputs.AsSpan().SequenceEqual(other.Outputs);

    private static Use[] Ordered(IEnumerable<Use> uses)
    {
        var all = uses.Distinct().Order(Use.Order).ToArray();

        // No label comes first: where one follows, that is enough.
        var isLabelled = false;
        for (var i = 1; i < all.Length; i++)
            isLabelled |= all[i].Dataset == all[i - 1].Dataset && all[i - 1].Label is null;
        return isLabelled
            ? [.. all.Where((use, i) => use.Label is not null || i + 1 == all.Length || all[i + 1].Dataset != use.Dataset)]
            : all;
    }
}

/// <summary>What runs use, so that those that use the same share it: nearly all runs of a job do.</summary>
internal sealed class KnownUses
{
    private const int Remembered = 100_000;

    private readonly HashSet<Uses> _known = new(EqualityComparer<Uses>.Create((a, b) => a is not null && b?.Says(a) == true, HashOf));

    public Uses UsesOf(OpenLineageEvent said, TemporalGraph graph)
    {
        var uses = Uses.Of(
            said.Inputs.Select(d => new Use(graph.Node(d.Node), d.Version)), said.Outputs.Select(d => new Use(graph.Node(d.Node), d.Version)));
        if (_known.TryGetValue(uses, out var known))
            return known;
        if (_known.Count == Remembered)
            _known.Clear();
        _known.Add(uses);
        return uses;
    }

    private static int HashOf(Uses uses)
    {
        var hash = default(HashCode);
        foreach (var use in uses.Inputs)
            hash.Add(use);
        hash.Add(uses.Inputs.Length);
        foreach (var use in uses.Outputs)
            hash.Add(use);
        return hash.ToHashCode();
    }
}

/// <summary>The edges between versions that the graph has of a run.</summary>
/// <param name="Uses">What they were made from.</param>
/// <param name="Start">Since when it reads.</param>
/// <param name="Inputs">The version of each input.</param>
/// <param name="Completed">Since when its outputs are there; null while they are not.</param>
/// <param name="Outputs">The version of each output; none while it has not completed.</param>
internal sealed record Told(Uses Uses, long Start, int[] Inputs, long? Completed, int[] Outputs)
{
    public static Told Nothing { get; } = new(Uses.None, long.MaxValue, [], Completed: null, []);

    /// <summary>Its outputs by version.</summary>
    public Dictionary<int, (Use Use, long Since)> Made()
    {
        var made = new Dictionary<int, (Use, long)>(Outputs.Length);
        for (var i = 0; i < Outputs.Length; i++)
            made[Outputs[i]] = (Uses.Outputs[i], Completed ?? 0);
        return made;
    }
}

/// <summary>What the jobs of a run use because of it, in whichever version.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct JobUse(int[] Jobs, Uses Uses, bool IsExplicit, long Start)
{
    /// <summary>The edges between jobs and datasets.</summary>
    public IEnumerable<Edge> Edges()
    {
        if (IsExplicit)
            yield break;
        foreach (var job in Jobs)
        {
            foreach (var dataset in DatasetsOf(Uses.Inputs))
                yield return new Edge(dataset, job, LineageRelation.Reads);
            foreach (var dataset in DatasetsOf(Uses.Outputs))
                yield return new Edge(job, dataset, LineageRelation.Writes);
        }
    }

    public bool Contains(Edge use) => Edges().Contains(use);

    private static IEnumerable<int> DatasetsOf(Use[] uses)
    {
        for (var i = 0; i < uses.Length; i++)
        {
            if (i == 0 || uses[i - 1].Dataset != uses[i].Dataset)
                yield return uses[i].Dataset;
        }
    }
}
