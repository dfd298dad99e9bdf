using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Catalog.Platform.Writes;

namespace Catalog.Jobs;

/// <summary>What deciding about a run needs to know of its past. Measured values are not among it: the fold skips them.</summary>
public sealed record Run : IState<Run>
{
    static int IState<Run>.FoldRevision => 3;

    public required string Id { get; init; }

    public required NodeId Job { get; init; }

    public required RunState State { get; init; }

    public string? CodeRevision { get; init; }

    /// <summary>Pinned versions read, each as it was asked for and with its role.</summary>
    public ImmutableHashSet<RunInput> Inputs { get; init; } = [];

    /// <summary>Epochs read, each way of reading once.</summary>
    public ImmutableList<EpochsRead> Epochs { get; init; } = [];

    /// <summary>Versions made: of datasets and models.</summary>
    public ImmutableHashSet<NodeId> Outputs { get; init; } = [];

    public ImmutableSortedDictionary<string, string> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public ImmutableSortedSet<string> Tags { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>
    /// The last batches of metrics, oldest first: one that comes again comes soon. A run is logged to often and its state is stored each
    /// time, so it does not remember them all.
    /// </summary>
    public ImmutableList<Guid> Batches { get; init; } = [];

    private const int BatchesKept = 16;

    public static int FoldRevision => 3;

    public static string StreamId(Guid id) => NodeId.Run(id).StreamId;

    /// <summary>
    /// The version that a request for an input was answered with before, or that was read in this role before; null for a new one.
    /// </summary>
    public NodeId? FindInput(RunInputRead read) => Inputs.FirstOrDefault(i => i.Role == read.Role
        && (i.Dataset == read.Dataset
            || (i.Requested == read.Requested && i.Dataset.WithoutVersion() == read.Dataset.WithoutVersion())))?.Dataset;

    public static Run? Fold(Run? state, object fact) => (state, fact) switch
    {
        (null, RunStarted f) => new Run
        {
            Id = StreamId(f.Id),
            Job = f.Job,
            State = RunState.Running,
            CodeRevision = f.CodeRevision,
            Parameters = f.Parameters.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Tags = f.Tags.ToImmutableSortedSet(StringComparer.Ordinal),
        },
        (null, _) => null,
        (_, RunInputRead f) => state with { Inputs = state.Inputs.Add(new RunInput(f.Dataset, f.Requested, f.Role)) },
        (_, RunEpochRead f) => state with { Epochs = EpochsRead.Take(state.Epochs, f) },
        (_, RunOutputRecorded f) => state with { Outputs = state.Outputs.Add(f.Node) },
        (_, RunParametersLogged f) => state with { Parameters = state.Parameters.SetItems(f.Values) },
        (_, RunMetricsLogged f) => state with { Batches = Last(state.Batches.Add(f.Batch)) },
        (_, RunTagged f) => state with { Tags = state.Tags.Add(f.Tag) },
        (_, RunUntagged f) => state with { Tags = state.Tags.Remove(f.Tag) },
        (_, RunCompleted) => state with { State = RunState.Completed },
        (_, RunFailed) => state with { State = RunState.Failed },
        (_, RunAborted) => state with { State = RunState.Aborted },
        _ => state,
    };

    private static ImmutableList<Guid> Last(ImmutableList<Guid> batches) =>
        batches.Count > BatchesKept ? batches.RemoveAt(0) : batches;
}

/// <param name="Dataset">The version read.</param>
/// <param name="Requested">As the run asked for it: <c>latest</c>, an alias or the number.</param>
/// <param name="Role">What it was read for: <c>train</c>, <c>validation</c>, <c>test</c>, or the job's own word.</param>
public sealed record RunInput(NodeId Dataset, string Requested, string? Role);

/// <summary>Where a run stands. OpenLineage's START and RUNNING are both <see cref="Running"/>.</summary>
public enum RunState
{
    Running,
    Completed,
    Failed,
    Aborted,
}

/// <summary>What holds for every write in a run's name.</summary>
internal static class RunRules
{
    /// <summary>Whether the named run cannot take more; <paramref name="refusal"/> says why. Naming no run is fine.</summary>
    public static bool NotRunning(Run? run, Guid? named, [NotNullWhen(true)] out Decision? refusal)
    {
        refusal = (named, run) switch
        {
            (null, _) => null,
            ({ } id, null) => Decision.Refuse("run.not_found", $"There is no 'run:{id}'."),
            ({ } id, { State: not RunState.Running }) =>
                Decision.Refuse("run.ended", $"'run:{id}' has ended ({run.State.ToString().ToLowerInvariant()}) and takes no more."),
            _ => null,
        };
        return refusal is not null;
    }
}
