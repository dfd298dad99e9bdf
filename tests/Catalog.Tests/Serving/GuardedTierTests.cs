using Catalog.Hot;
using Catalog.Serving;
using Catalog.Serving.Tiers;
using Catalog.Storage.Hot;
using Catalog.Tests.Hot;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Serving;

public sealed class GuardedTierTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly SwitchedTier _tier = new();
    private readonly RowShelf _shelf = new();
    private readonly GuardedTier _guarded;

    public GuardedTierTests() => _guarded = new(_tier, new TierOptions(), _clock);

    public void Dispose() => _shelf.Dispose();

    [Fact]
    public async Task A_tier_that_fails_repeatedly_is_passed_by_and_tried_again_later()
    {
        _tier.Find = _ => throw new TierException("it is down");
        for (var i = 0; i < 5; i++)
            Assert.Equal("it is down", (await FailsAsync()).Message);

        Assert.Contains("it is not asked for a moment", (await FailsAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(5, _tier.Asked);
        Assert.Equal((false, "it is down"), (_guarded.Health.IsAsked, _guarded.Health.Failure));
        Assert.Equal((0, 5), (_guarded.Health.Timeouts, _guarded.Health.Failures)); // who is not asked does not fail

        _tier.Find = _ => Task.FromResult(true);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.True(await FindAsync(CancellationToken.None));
        Assert.True(_guarded.Health.IsAsked);
    }

    [Fact]
    public async Task A_tier_that_does_not_answer_is_waited_for_only_so_long()
    {
        _tier.Find = async ct =>
        {
            await new TaskCompletionSource<bool>().Task.WaitAsync(ct);
            return true;
        };
        var failing = FailsAsync();
        _clock.Advance(TimeSpan.FromMilliseconds(49));
        Assert.False(failing.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("it did not answer within 50 ms", (await failing).Message);
        Assert.Equal((1, 0), (_guarded.Health.Timeouts, _guarded.Health.Failures));
    }

    [Fact]
    public async Task Callers_who_give_up_say_nothing_about_the_tier()
    {
        _tier.Find = async ct =>
        {
            await new TaskCompletionSource<bool>().Task.WaitAsync(ct);
            return true;
        };
        for (var i = 0; i < 10; i++)
        {
            using var gone = new CancellationTokenSource();
            var asked = FindAsync(gone.Token);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        }

        Assert.Equal((true, null), (_guarded.Health.IsAsked, _guarded.Health.Failure));
        Assert.Equal((0, 0), (_guarded.Health.Timeouts, _guarded.Health.Failures));
    }

    private async Task<TierException> FailsAsync() => await Assert.ThrowsAsync<TierException>(() => FindAsync(CancellationToken.None));

    private Task<bool> FindAsync(CancellationToken ct) =>
        _guarded.FindAsync(Served.View("t", "view", HotViews.ByNumber), new(), _shelf, default, ct);

    /// <summary>Stands for a server that is up or down: what is tested is who is asked, and when.</summary>
    private sealed class SwitchedTier : IRemoteTier
    {
        public ServingTier Tier => ServingTier.Redis;

        public int Asked { get; private set; }

        public Func<CancellationToken, Task<bool>> Find { get; set; } = _ => Task.FromResult(true);

        public Task<bool> FindAsync(HotView view, KeyBatch keys, RowShelf shelf, Memory<nint> rows, CancellationToken ct)
        {
            Asked++;
            return Find(ct);
        }
    }
}
