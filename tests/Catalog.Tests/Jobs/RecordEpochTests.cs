using System.Collections.Immutable;
using System.Text.Json;
using Catalog.Jobs;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Jobs;

public sealed class RecordEpochTests
{
    private static readonly Guid s_id = new("0198b2c4-7d1e-7a53-9c1f-2f60a4d1b3e7");
    private static readonly NodeId s_version = NodeId.Dataset("demo", "flights", "3");
    private static readonly RunStarted s_started =
        new(s_id, NodeId.Job("demo", "train"), Parent: null, CodeRevision: null, RunLimits.None, RunLimits.None, []);
    private static readonly RunEpochRead s_read =
        new(s_version, new string('a', 32), ["delay"], "delay > 1", Seed: 7, "keep", Epoch: 0, Shard: 1, Shards: 2);

    [Fact]
    public void A_read_is_recorded_once_and_its_version_becomes_an_input() =>
        Scenario.Given<Run>(s_started)
            .When(r => RecordEpoch.Decide(r, s_id, s_read)).Then(new RunInputRead(s_version, "3", Role: null), s_read)
            .When(r => RecordEpoch.Decide(r, s_id, s_read with { Columns = ["delay"] })).ThenUnchanged()
            .When(r => RecordEpoch.Decide(r, s_id, s_read with { Epoch = 1 })).Then(s_read with { Epoch = 1 })
            .When(r => RecordEpoch.Decide(r, s_id, s_read with { Shard = 0 })).Then(s_read with { Shard = 0 })
            .When(r => RecordEpoch.Decide(r, s_id, s_read with { Columns = null })).Then(s_read with { Columns = null })
            .When(r => RecordEpoch.Decide(r, s_id, s_read with { Epoch = 1 })).ThenUnchanged();

    [Fact]
    public void An_input_that_was_pinned_in_a_role_is_not_recorded_again()
    {
        var pinned = new RunInputRead(s_version, "latest", "train");

        Scenario.Given<Run>(s_started, pinned).When(r => RecordEpoch.Decide(r, s_id, s_read)).Then(s_read);
    }

    [Fact]
    public void A_run_that_has_ended_or_is_not_there_takes_none()
    {
        RecordEpoch.Decide(Scenario.Fold<Run>(s_started, new RunCompleted()), s_id, s_read).Refuses("run.ended", "completed");
        RecordEpoch.Decide(run: null, s_id, s_read).Refuses("run.not_found", "run:");
        RecordEpoch.Decide(Scenario.Fold<Run>(s_started, s_read, new RunCompleted()), s_id, s_read).IsUnchanged();
    }

    [Fact]
    public void A_run_keeps_a_thousand_ways_of_reading()
    {
        object[] reads = [s_started, .. Enumerable.Range(0, 1_000).Select(i => s_read with { Seed = i })];
        var run = Scenario.Fold<Run>(reads);

        RecordEpoch.Decide(run, s_id, s_read with { Seed = -1 }).Refuses("run.too_many_reads", "1,000");
    }

    [Fact]
    public void A_thousand_epochs_of_sixty_four_shards_are_one_range_of_one_range()
    {
        var all = ImmutableList<EpochsRead>.Empty;
        for (var epoch = 0; epoch < 1_000; epoch++)
        {
            for (var shard = 0; shard < 64; shard++)
                all = EpochsRead.Take(all, s_read with { Epoch = epoch, Shard = (shard * 37) % 64, Shards = 64 });
        }

        var one = Assert.Single(Assert.Single(all).Read);
        Assert.Equal(new NumberRange(0, 63), one.Shards);
        Assert.Equal(new NumberRange(0, 999), Assert.Single(one.Epochs));
        Assert.InRange(JsonSerializer.Serialize(all).Length, 1, 500);
    }

    [Fact]
    public void Ranges_hold_what_was_told_in_whatever_order() =>
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 9]).Array[0, 60].Sample(told =>
        {
            var all = told.Aggregate(
                ImmutableList<EpochsRead>.Empty,
                (kept, t) => EpochsRead.Take(kept, s_read with { Shard = t.Item1, Epoch = t.Item2, Shards = 8 }));

            for (var shard = 0; shard < 8; shard++)
            {
                for (var epoch = 0; epoch < 10; epoch++)
                {
                    var has = EpochsRead.Has(all, s_read with { Shard = shard, Epoch = epoch, Shards = 8 });
                    Assert.Equal(told.Contains((shard, epoch)), has);
                }
            }
        });
}
