using System.Diagnostics.Metrics;
using Catalog.Access;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Catalog.Tests.Access;

/// <summary>What the gate answers, and what it leaves behind.</summary>
public sealed class GateTests
{
    private static readonly NodeId s_flights = NodeId.Dataset("demo", "flights", 3);
    private readonly Lines _log = new();

    [Fact]
    public void What_is_allowed_carries_its_reasons_and_obligations()
    {
        var answer = Gate(Role.Reader).Ask(Act.ReadData, s_flights, "pii");

        Assert.Null(answer.Refusal);
        Assert.Equal(["The role reader allows ReadData."], answer.Decision.Reasons);
        Assert.True(answer.Decision.Obligations.IsNone);
    }

    [Fact]
    public void What_is_denied_is_a_problem_with_the_reasons()
    {
        var answer = Gate(Role.Reader).Ask(Act.Commit, s_flights);

        Assert.Equal("access.denied", answer.Refusal?.Code);
        Assert.Equal(Assert.Single(answer.Decision.Reasons), answer.Refusal?.Detail);
    }

    [Fact]
    public void What_may_leave_only_in_part_does_not_leave_whole()
    {
        var masked = AccessDecision.Allow("Analysts may, without names.") with
        {
            Obligations = new AccessObligations([new ColumnMask("name", Mask.Hash)], Mask.None, []),
        };

        Assert.Equal("access.obliged", new GateAnswer(masked).Refusal?.Code);
        Assert.Null(new GateAnswer(masked).Denial);
        Assert.Null(new GateAnswer(masked with { Obligations = AccessObligations.None }).Refusal);
    }

    [Fact]
    public void Reads_of_data_are_written_down_with_their_purpose()
    {
        Gate(Role.Reader, Purpose.Training).Ask(Act.ReadData, s_flights);

        Assert.Equal("Read: me may read the data of dataset:demo/flights@3 (purpose training).", Assert.Single(_log.All));
    }

    [Fact]
    public void Reads_of_metadata_are_not_written_down()
    {
        Gate(Role.Reader).Ask(Act.Read, s_flights);

        Assert.Empty(_log.All);
    }

    [Theory]
    [InlineData(Role.Reader, false)]
    [InlineData(Role.Admin, true)]
    public void Of_the_log_only_administrators_see_what_is_about_keys(Role role, bool keys)
    {
        var sight = new Sight(Gate(role));

        Assert.True(sight.Shows(s_flights));
        Assert.True(sight.Shows("catalog"));
        Assert.Equal(keys, sight.Shows("key:0198"));
    }

    [Fact]
    public void Sight_asks_the_gate_once_of_a_stream_until_it_is_to_forget()
    {
        using var decisions = new CountedDecisions();
        var sight = new Sight(Gate(Role.Reader));

        for (var i = 0; i < 3; i++)
            sight.Shows("key:0198");
        Assert.Equal(1, decisions.Count);
        sight.Forget();
        sight.Shows("key:0198");

        Assert.Equal(2, decisions.Count);
        Assert.Empty(_log.All); // what is left out was not asked for
    }

    [Theory]
    [InlineData(Purpose.Audit, "audit")]
    [InlineData(null, "none")]
    public void Decisions_are_counted_by_purpose(Purpose? purpose, string counted)
    {
        var seen = new List<Dictionary<string, object?>>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "catalog.access.decisions")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => seen.Add(tags.ToArray().ToDictionary(t => t.Key, t => t.Value)));
        listener.Start();

        Gate(Role.Reader, purpose).Ask(Act.ReadData, s_flights);

        Assert.Equal((Act.ReadData, true, counted), (seen[^1]["act"], seen[^1]["allowed"], seen[^1]["purpose"]));
    }

    [Fact]
    public void Asking_often_allocates_nothing()
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "catalog.access.decisions")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => { });
        listener.Start();
        var gate = Gate(Role.Reader, Purpose.Inference);
        Ask(1_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Ask(10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Ask(int times)
        {
            for (var i = 0; i < times; i++)
                Assert.Null(gate.AskOften(Act.ReadData, s_flights, []).Refusal);
        }
    }

    private Gate Gate(Role role, Purpose? purpose = null)
    {
        var caller = new Caller();
        caller.Become(new Identity("me", KeyId: null, role, purpose, Correlation: null, Causation: null));
        return new Gate(caller, new StandingPolicies(), decisions: null, TimeProvider.System, _log);
    }

    private sealed class Lines : ILogger<Gate>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
