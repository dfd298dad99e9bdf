using System.Text.Json.Serialization;

namespace Catalog.Sdk;

/// <summary>A run as it is now. For one that this process executes, see <see cref="ActiveRun"/>.</summary>
public sealed record Run(
    [property: JsonRequired] NodeId Node,
    [property: JsonRequired] Guid Id,
    NodeId Job,
    Guid? Parent,
    RunState State,
    string? Reason,
    string? CodeRevision,
    IReadOnlyDictionary<string, string>? Environment,
    IReadOnlyDictionary<string, string>? Parameters,
    IReadOnlyList<string>? Tags,
    IReadOnlyList<RunInput>? Inputs,
    IReadOnlyList<NodeId>? Outputs,
    IReadOnlyDictionary<string, MetricSummary>? Metrics,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? StartedBy)
{
    /// <summary>Epochs that the run read (<see cref="VersionReader.OpenTrainingReadAsync"/>), as ranges.</summary>
    public IReadOnlyList<EpochsRead> Epochs { get; init; } = [];
}

/// <summary>One way in which a run read a version, and the epochs that each shard began to read.</summary>
/// <param name="Dataset">The version, by its number.</param>
/// <param name="Order">Name of the order, which version, filter, seed and layout make.</param>
/// <param name="Columns">Null for all.</param>
/// <param name="Filter">Null for all rows.</param>
/// <param name="Seed">Null for the version's own order.</param>
/// <param name="Uneven">What was done with rows that were left over.</param>
/// <param name="Shards">How many shards an epoch was dealt to.</param>
/// <param name="Read">Shards that read the same epochs are told together.</param>
public sealed record EpochsRead(
    [property: JsonRequired] NodeId Dataset,
    string Order,
    IReadOnlyList<string>? Columns,
    string? Filter,
    long? Seed,
    string Uneven,
    int Shards,
    IReadOnlyList<ShardEpochs> Read);

/// <param name="Shards">Next to each other.</param>
/// <param name="Epochs">In ascending order.</param>
public sealed record ShardEpochs(NumberRange Shards, IReadOnlyList<NumberRange> Epochs);

/// <summary>From one number to another, both included.</summary>
public sealed record NumberRange(int From, int To);

public enum RunState
{
    Running,
    Completed,
    Failed,
    Aborted,
}

/// <summary>What a run read.</summary>
/// <param name="Node">The version, by its number.</param>
/// <param name="Requested">What was asked for, e.g. <c>latest</c>.</param>
/// <param name="Role">What for: train, validation, test, or any word of the job's own.</param>
public sealed record RunInput(NodeId Node, string? Requested, string? Role);

/// <summary>The value at a metric's highest step, that step, and how many points there are.</summary>
public sealed record MetricSummary(double Last, long Step, long Count);

/// <summary>One measured value.</summary>
/// <param name="Key">The metric: <c>auc</c>.</param>
/// <param name="Value">May be <c>NaN</c> or infinite.</param>
/// <param name="Step">Step or epoch, where the metric is a series.</param>
/// <param name="Time">When; the server's time unless given.</param>
public sealed record MetricPoint(string Key, double Value, long Step = 0, DateTimeOffset? Time = null);

/// <summary>A job; its runs are listed with <see cref="RunQuery.Job"/>.</summary>
public sealed record Job([property: JsonRequired] NodeId Node, string Namespace, string Name, DateTimeOffset FirstSeenAt);

/// <summary>Which runs to list.</summary>
public sealed record RunQuery(QualifiedName? Job = null, RunState? State = null, int PageSize = 100);

/// <summary>What a run starts with.</summary>
public sealed record RunOptions
{
    /// <summary>Made anew unless given. The same id again is the same run.</summary>
    public Guid? Id { get; init; }

    /// <summary>Commit or version of the code.</summary>
    public string? CodeRevision { get; init; }

    /// <summary>Where it runs: image, host, library versions.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Numbers, booleans or text; the catalog keeps their text.</summary>
    public IReadOnlyDictionary<string, object>? Parameters { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The run that this one is part of.</summary>
    public Guid? Parent { get; init; }

    /// <summary>
    /// Owner of datasets and models that the run makes and that are not registered yet; the caller's principal unless given.
    /// </summary>
    public string? Owner { get; init; }
}
