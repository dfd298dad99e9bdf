using Catalog.Jobs;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Log;

namespace Catalog.Lineage.Exports;

/// <summary>What the log says of a run beside its edges. What the run itself did here counts before what others told of it.</summary>
/// <param name="Node">The run.</param>
internal sealed record RunRecord(NodeId Node)
{
    /// <summary>Whether it was started here, and not only told of in OpenLineage.</summary>
    public bool IsNative { get; init; }

    public NodeId? Job { get; init; }

    public NodeId? Parent { get; init; }

    /// <summary>Who started it; of a run only told of, who told first.</summary>
    public string? Principal { get; init; }

    public string? CodeRevision { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How it ended; null while it has not.</summary>
    public RunState? End { get; init; }

    /// <summary>The end that counts of those told of in OpenLineage.</summary>
    private (long Time, OpenLineageState State) ToldEnd { get; init; } = (long.MinValue, OpenLineageState.Other);

    /// <summary>The facts that are folded.</summary>
    public static IReadOnlyList<Type> Facts { get; } =
        [typeof(RunStarted), typeof(RunCompleted), typeof(RunFailed), typeof(RunAborted), typeof(OpenLineageReceived)];

    /// <param name="run">As known so far.</param>
    /// <param name="entry">Where the fact stands in the log.</param>
    /// <param name="fact">The fact.</param>
    public static RunRecord Fold(RunRecord run, LogEntry entry, object? fact) => fact switch
    {
        RunStarted f => new RunRecord(run.Node)
        {
            IsNative = true,
            Job = f.Job,
            Parent = f.Parent is { } parent ? NodeId.Run(parent) : null,
            Principal = entry.Principal,
            CodeRevision = f.CodeRevision,
            StartedAt = entry.Time,
        },
        RunCompleted => run with { End = RunState.Completed, EndedAt = entry.Time },
        RunFailed => run with { End = RunState.Failed, EndedAt = entry.Time },
        RunAborted => run with { End = RunState.Aborted, EndedAt = entry.Time },
        OpenLineageReceived { Late: false, Event: var told } when !run.IsNative => run.Take(told, entry.Principal),
        _ => run,
    };

    /// <summary>The earliest time, and the end that counts.</summary>
    private RunRecord Take(OpenLineageEvent told, string? principal)
    {
        var end = (told.Time.UtcTicks, told.State ?? OpenLineageState.Other);
        var ends = end.OutweighsEnd(ToldEnd);
        return this with
        {
            Job = Job ?? told.Job?.Node,
            Parent = Parent ?? told.Run?.Parent?.Run,
            Principal = Principal ?? principal,
            CodeRevision = CodeRevision ?? told.Job?.CodeRevision,
            StartedAt = StartedAt is { } start && start < told.Time ? start : told.Time,
            EndedAt = ends ? told.Time : EndedAt,
            End = ends ? EndOf(told.State) : End,
            ToldEnd = ends ? end : ToldEnd,
        };
    }

    private static RunState? EndOf(OpenLineageState? state) => state switch
    {
        OpenLineageState.Complete => RunState.Completed,
        OpenLineageState.Abort => RunState.Aborted,
        OpenLineageState.Fail => RunState.Failed,
        _ => null,
    };
}
