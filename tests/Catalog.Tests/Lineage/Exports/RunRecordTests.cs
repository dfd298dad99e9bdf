using Catalog.Jobs;
using Catalog.Lineage;
using Catalog.Lineage.Exports;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Log;
using Xunit;

namespace Catalog.Tests.Lineage.Exports;

/// <summary>What exports say of a run that others told of is what the graph and the tables say.</summary>
public sealed class RunRecordTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(OpenLineageState.Fail, OpenLineageState.Abort, RunState.Failed)]
    [InlineData(OpenLineageState.Abort, OpenLineageState.Fail, RunState.Failed)]
    [InlineData(OpenLineageState.Complete, OpenLineageState.Abort, RunState.Aborted)]
    [InlineData(OpenLineageState.Fail, OpenLineageState.Running, RunState.Failed)]
    public void Of_two_ends_at_one_time_the_worse_counts(OpenLineageState one, OpenLineageState two, RunState end) =>
        Assert.Equal((end, s_noon), Fold((one, s_noon), (two, s_noon)));

    [Theory]
    [InlineData(OpenLineageState.Fail, OpenLineageState.Complete, RunState.Completed)]
    [InlineData(OpenLineageState.Complete, OpenLineageState.Abort, RunState.Aborted)]
    public void Of_two_ends_the_later_counts_whichever_came_first(OpenLineageState early, OpenLineageState late, RunState end)
    {
        var later = s_noon.AddMinutes(1);

        Assert.Equal((end, later), Fold((early, s_noon), (late, later)));
        Assert.Equal((end, later), Fold((late, later), (early, s_noon)));
    }

    private static (RunState? End, DateTimeOffset? At) Fold(params (OpenLineageState State, DateTimeOffset Time)[] told)
    {
        var run = new RunRecord(NodeId.Run("r"));
        foreach (var (state, time) in told)
        {
            var said = new OpenLineageEvent(OpenLineageKind.Run, time, state, Run: null, Job: null, Dataset: null, [], []);
            var entry = new LogEntry(1, Guid.Empty, "run:r", 1, "openlineage_received", time, "me", default);
            run = RunRecord.Fold(run, entry, new OpenLineageReceived("hash", Late: false, said));
        }

        return (run.End, run.EndedAt);
    }
}
