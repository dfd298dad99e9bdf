using Catalog.Jobs;
using Catalog.Lineage;
using Xunit;

namespace Catalog.Tests.OpenLineage;

/// <summary>What becomes of an event on a stream that is or is not one of ours.</summary>
public sealed class ReceivingTests
{
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly Guid s_run = Guid.Parse("0198d8f2-0000-7000-8000-00000000000a");

    private static readonly RunStarted s_started =
        new(s_run, NodeId.Job("own", "train"), Parent: null, CodeRevision: null, RunLimits.None, RunLimits.None, []);

    [Fact]
    public void An_event_of_a_run_that_is_not_ours_is_never_late() => Receive().Accepts(Fact(late: false));

    [Fact]
    public void An_event_of_a_run_that_is_running_here_is_not_late() => Receive(s_started).Accepts(Fact(late: false));

    [Fact]
    public void An_event_of_a_run_that_ended_here_is_late() => Receive(s_started, new RunCompleted()).Accepts(Fact(late: true));

    [Fact]
    public void Events_make_no_run_of_ours_and_do_not_end_one()
    {
        Assert.Null(Scenario.Fold<Run>(Fact(late: false), Fact(late: false)));
        Assert.Equal(RunState.Running, Scenario.Fold<Run>(Fact(late: false), s_started, Fact(late: false))?.State);
    }

    private static Decision Receive(params object[] before) =>
        ReceiveOpenLineage.Decide(Scenario.Fold<Run>(before), Hash, Fixture.Read(Fixture.Run("\"eventType\":\"FAIL\"")));

    private static OpenLineageReceived Fact(bool late) => new(Hash, late, Fixture.Read(Fixture.Run("\"eventType\":\"FAIL\"")));
}
