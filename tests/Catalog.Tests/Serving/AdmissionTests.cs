using Catalog.Serving;
using Xunit;

namespace Catalog.Tests.Serving;

public sealed class AdmissionTests
{
    [Fact]
    public void So_many_lookups_are_let_in_and_others_when_one_ends()
    {
        var admission = new Admission(new(2));
        Assert.True(admission.TryEnter());
        Assert.True(admission.TryEnter());
        Assert.False(admission.TryEnter());
        Assert.False(admission.TryEnter());

        admission.Leave();

        Assert.True(admission.TryEnter());
        Assert.False(admission.TryEnter());
    }

    [Fact]
    public void A_lookup_that_ends_makes_room_once()
    {
        var admission = new Admission(new(1));
        Assert.True(admission.TryEnter());
        var plan = Served.Plan(
            Served.State(Served.View("t", "view", Hot.HotViews.ByNumber)), "view:value");
        var read = new OnlineRead(_ => { }) { Admission = admission };
        read.Begin(plan, now: 0);

        read.Dispose();
        read.Dispose();

        Assert.True(admission.TryEnter());
        Assert.False(admission.TryEnter());
    }
}
