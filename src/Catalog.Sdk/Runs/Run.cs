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
    string? StartedBy);

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
