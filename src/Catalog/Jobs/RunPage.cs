using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Catalog.Access;
using Catalog.Platform.Store;
using JasperFx.Events;

namespace Catalog.Jobs;

/// <summary>A run as a reader sees it.</summary>
public sealed record RunPage : IPage<RunPage>
{
    /// <summary>The run's node.</summary>
    [JsonPropertyName("node")]
    public required string Id { get; init; }

    [JsonPropertyName("id")]
    public required Guid Run { get; init; }

    /// <summary>The job's node.</summary>
    public required string Job { get; init; }

    public Guid? Parent { get; init; }

    public RunState State { get; init; }

    /// <summary>Why it failed or was stopped.</summary>
    public string? Reason { get; init; }

    public string? CodeRevision { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = RunLimits.None;

    public ImmutableSortedDictionary<string, string> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public ImmutableSortedSet<string> Tags { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public IReadOnlyList<InputShown> Inputs { get; init; } = [];

    /// <summary>Epochs that were read row by row, as ranges.</summary>
    public ImmutableList<EpochsRead> Epochs { get; init; } = [];

    /// <summary>Versions made, as nodes.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    public ImmutableSortedDictionary<string, MetricShown> Metrics { get; init; } =
        ImmutableSortedDictionary.Create<string, MetricShown>(StringComparer.Ordinal);

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? StartedBy { get; init; }

    public long StreamVersion { get; init; }

    /// <param name="Node">The pinned version.</param>
    /// <param name="Requested">As the run asked for it.</param>
    /// <param name="Role">What for.</param>
    public sealed record InputShown(string Node, string Requested, string? Role);

    /// <param name="Last">Value at the highest step.</param>
    /// <param name="Step">That step.</param>
    /// <param name="Count">Points in the series.</param>
    public sealed record MetricShown(double Last, long Step, long Count);

    public static RunPage? Fold(RunPage? page, IEvent fact)
    {
        var next = (page, fact.Data) switch
        {
            (null, RunStarted f) => Started(f, fact),
            (null, _) => null,
            (_, RunInputRead f) => page with { Inputs = [.. page.Inputs, new InputShown(f.Dataset.ToString(), f.Requested, f.Role)] },
            (_, RunEpochRead f) => page with { Epochs = EpochsRead.Take(page.Epochs, f) },
            (_, RunOutputRecorded f) => page with { Outputs = [.. page.Outputs, f.Node.ToString()] },
            (_, RunParametersLogged f) => page with { Parameters = page.Parameters.SetItems(f.Values) },
            (_, RunMetricsLogged f) => page with { Metrics = f.Points.Aggregate(page.Metrics, Take) },
            (_, RunTagged f) => page with { Tags = page.Tags.Add(f.Tag) },
            (_, RunUntagged f) => page with { Tags = page.Tags.Remove(f.Tag) },
            (_, RunCompleted) => page with { State = RunState.Completed, EndedAt = fact.Timestamp },
            (_, RunFailed f) => page with { State = RunState.Failed, Reason = f.Reason, EndedAt = fact.Timestamp },
            (_, RunAborted f) => page with { State = RunState.Aborted, Reason = f.Reason, EndedAt = fact.Timestamp },
            _ => page,
        };
        return next is null ? null : next with { StreamVersion = fact.Version };
    }

    /// <summary>As it is shown to whom not all may be shown that it names.</summary>
    internal RunPage To(Gate gate) => gate.SeesAll ? this : this with
    {
        Inputs = [.. Inputs.Where(i => gate.Lets(Act.Read, NodeId.Parse(i.Node)))],
        Outputs = [.. Outputs.Where(o => gate.Lets(Act.Read, NodeId.Parse(o)))],
        Epochs = Epochs.RemoveAll(e => !gate.Lets(Act.Read, e.Dataset)),
    };

    private static RunPage Started(RunStarted f, IEvent fact) => new()
    {
        Id = Jobs.Run.StreamId(f.Id),
        Run = f.Id,
        Job = f.Job.ToString(),
        Parent = f.Parent,
        CodeRevision = f.CodeRevision,
        Environment = f.Environment,
        Parameters = f.Parameters.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Tags = f.Tags.ToImmutableSortedSet(StringComparer.Ordinal),
        StartedAt = fact.Timestamp,
        StartedBy = fact.UserName,
    };

    private static ImmutableSortedDictionary<string, MetricShown> Take(
        ImmutableSortedDictionary<string, MetricShown> metrics, MetricPoint point) =>
        metrics.TryGetValue(point.Key, out var series)
            ? metrics.SetItem(point.Key, point.Step >= series.Step
                ? new MetricShown(point.Value, point.Step, series.Count + 1)
                : series with { Count = series.Count + 1 })
            : metrics.Add(point.Key, new MetricShown(point.Value, point.Step, Count: 1));
}

/// <summary>A job as a reader sees it; its runs are listed with <c>GET /v1/runs?job=</c>.</summary>
public sealed record JobPage : IPage<JobPage>
{
    /// <summary>The job's node.</summary>
    [JsonPropertyName("node")]
    public required string Id { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public DateTimeOffset FirstSeenAt { get; init; }

    public long StreamVersion { get; init; }

    public static JobPage? Fold(JobPage? page, IEvent fact) => (page, fact.Data) switch
    {
        (null, JobRegistered f) => new JobPage
        {
            Id = Jobs.Job.StreamId(f.Namespace, f.Name),
            Namespace = f.Namespace,
            Name = f.Name,
            FirstSeenAt = fact.Timestamp,
            StreamVersion = fact.Version,
        },
        _ => page,
    };
}
