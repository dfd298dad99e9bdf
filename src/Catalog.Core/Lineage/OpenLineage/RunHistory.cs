using System.Runtime.InteropServices;
using Catalog.Lineage.Snapshots;

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

        if (said.State is { } state && (time, state).OutweighsEnd((_endTime, _endState)))
            (_endTime, _endState) = (time, state);
        Take(uses, said.Job is { CompleteSnapshot: true }, time);
    }

    public static RunHistory From(SnapshotReader snapshot, IReadOnlyList<Uses> uses) => new(snapshot.Count())
    {
        Jobs = snapshot.Items<int>(),
        Start = snapshot.Number(),
        _endTime = snapshot.Number(),
        _endState = (OpenLineageState)snapshot.Count(),
        IsExplicit = snapshot.Flag(),
        _said = uses[snapshot.Count()],
        _snapshotTime = snapshot.Number(),
        _snapshot = uses[snapshot.Count()],
        Uses = uses[snapshot.Count()],
        Told = new Told(
            uses[snapshot.Count()], snapshot.Number(), snapshot.Items<int>(), snapshot.Optional(), snapshot.Items<int>()),
    };

    /// <param name="snapshot">Where to.</param>
    /// <param name="uses">The number under which the snapshot has what runs use.</param>
    public void WriteTo(SnapshotWriter snapshot, Func<Uses, int> uses)
    {
        snapshot.Count(node);
        snapshot.Items<int>(Jobs);
        snapshot.Number(Start);
        snapshot.Number(_endTime);
        snapshot.Count((int)_endState);
        snapshot.Flag(IsExplicit);
        snapshot.Count(uses(_said));
        snapshot.Number(_snapshotTime);
        snapshot.Count(uses(_snapshot));
        snapshot.Count(uses(Uses));
        snapshot.Count(uses(Told.Uses));
        snapshot.Number(Told.Start);
        snapshot.Items<int>(Told.Inputs);
        snapshot.Optional(Told.Completed);
        snapshot.Items<int>(Told.Outputs);
    }

    /// <summary>All it refers to.</summary>
    public IEnumerable<Uses> AllUses() => [_said, _snapshot, Uses, Told.Uses];

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
