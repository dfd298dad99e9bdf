using Catalog.Platform.Writes;

namespace Catalog.Jobs;

/// <summary>A job was seen for the first time: the named thing of which runs are executions.</summary>
public sealed record JobRegistered(string Namespace, string Name);

/// <summary>A run began.</summary>
/// <param name="Id">Chosen by whoever started it; time-ordered ids are best.</param>
/// <param name="Job">What runs.</param>
/// <param name="Parent">The run that started it, where one did.</param>
/// <param name="CodeRevision">Such as a git commit.</param>
/// <param name="Environment">What it ran in: image, framework versions, hardware.</param>
/// <param name="Parameters">Known at the start.</param>
/// <param name="Tags">Known at the start.</param>
public sealed record RunStarted(
    Guid Id,
    NodeId Job,
    Guid? Parent,
    string? CodeRevision,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyList<string> Tags);

/// <summary>A run read a dataset version.</summary>
/// <param name="Dataset">Pinned: always a number.</param>
/// <param name="Requested">As the run asked for it: <c>latest</c>, an alias or the number.</param>
/// <param name="Role">What for: <c>train</c>, <c>validation</c>, <c>test</c>, …</param>
public sealed record RunInputRead(NodeId Dataset, string Requested, string? Role);

/// <summary>A run began to read a shard of an epoch of a dataset's rows.</summary>
/// <param name="Dataset">Pinned: always a number.</param>
/// <param name="Order">Name of the order, which version, filter, seed and layout make.</param>
/// <param name="Columns">In the order read; null for all.</param>
/// <param name="Filter">What rows had to meet; null for all.</param>
/// <param name="Seed">Null for the version's own order.</param>
/// <param name="Uneven"><c>keep</c>, <c>pad</c> or <c>drop</c>.</param>
/// <param name="Epoch">From 0.</param>
/// <param name="Shard">From 0.</param>
/// <param name="Shards">How many shards the epoch was dealt to.</param>
public sealed record RunEpochRead(
    NodeId Dataset,
    string Order,
    IReadOnlyList<string>? Columns,
    string? Filter,
    long? Seed,
    string Uneven,
    int Epoch,
    int Shard,
    int Shards);

/// <summary>A run made a version of a dataset or a model.</summary>
public sealed record RunOutputRecorded(NodeId Node);

/// <summary>Parameters of a run. A parameter is said once and stays.</summary>
public sealed record RunParametersLogged(IReadOnlyDictionary<string, string> Values);

/// <summary>A batch of measurements.</summary>
/// <param name="Batch">Made by whoever measured, so that a batch that had to be sent again is known.</param>
/// <param name="Points">The measured values.</param>
public sealed record RunMetricsLogged(Guid Batch, IReadOnlyList<MetricPoint> Points);

/// <param name="Key">Name of the series.</param>
/// <param name="Value">May be infinite or not a number, as losses are.</param>
/// <param name="Step">Position in the series, from 0.</param>
/// <param name="Time">When measured.</param>
public sealed record MetricPoint(string Key, double Value, long Step, DateTimeOffset Time);

/// <summary>A run carries a tag from here on.</summary>
public sealed record RunTagged(string Tag);

/// <summary>A run no longer carries a tag.</summary>
public sealed record RunUntagged(string Tag);

/// <summary>A run ended well.</summary>
public sealed record RunCompleted;

/// <summary>A run ended badly.</summary>
public sealed record RunFailed(string Reason);

/// <summary>A run was stopped.</summary>
public sealed record RunAborted(string Reason);

internal static class JobFacts
{
    /// <summary>Named here, because readers of metrics ask the log for it by name.</summary>
    public const string MetricsLogged = "run_metrics_logged";

    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<Job, JobRegistered>("job_registered")
        .Fact<Run, RunStarted>("run_started")
        .Fact<Run, RunInputRead>("run_input_read")
        .Fact<Run, RunEpochRead>("run_epoch_read")
        .Fact<Run, RunOutputRecorded>("run_output_recorded")
        .Fact<Run, RunParametersLogged>("run_parameters_logged")
        .Fact<Run, RunMetricsLogged>(MetricsLogged)
        .Fact<Run, RunTagged>("run_tagged")
        .Fact<Run, RunUntagged>("run_untagged")
        .Fact<Run, RunCompleted>("run_completed")
        .Fact<Run, RunFailed>("run_failed")
        .Fact<Run, RunAborted>("run_aborted");
}
