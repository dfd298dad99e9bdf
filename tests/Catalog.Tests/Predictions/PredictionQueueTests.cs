using Catalog.Predictions;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Catalog.Tests.Predictions;

/// <summary>What is accepted is durable, what is not is counted, and nothing is in between.</summary>
public sealed class PredictionQueueTests : IDisposable
{
    private static readonly NodeId s_model = NodeId.Model("demo", "delay", 1);
    private readonly Shelf _shelf = new();
    private readonly PredictionLosses _losses = new(TimeProvider.System);

    public void Dispose() => _shelf.Dispose();

    [Fact]
    public async Task What_comes_at_the_same_time_is_stored_together_each_once()
    {
        using var queue = await StartAsync(new());
        _shelf.Close();
        var first = queue.KeepAsync(Some(1));
        await _shelf.AskedAsync();
        var waiting = Enumerable.Range(0, 50).Select(_ => queue.KeepAsync(Some(10))).ToList();
        _shelf.Open();

        Assert.True(await first);
        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.Equal(501, _shelf.Stored.Select(p => p.RequestId).Distinct().Count());
        Assert.Equal((501, 2), (_shelf.Stored.Count, _shelf.Asked));
        Assert.Equal((0, 0), (queue.Count, _losses.Of(s_model)));
    }

    [Fact]
    public async Task What_finds_no_room_is_lost_at_once_and_counted()
    {
        using var queue = await StartAsync(new() { QueuedPredictions = 10 });
        _shelf.Close();
        var kept = queue.KeepAsync(Some(8));

        Assert.False(await queue.KeepAsync(Some(3)));
        var small = queue.KeepAsync(Some(2));
        Assert.Equal(10, queue.Count);
        Assert.Equal(3, _losses.Of(s_model));

        _shelf.Open();
        Assert.True(await kept && await small);
        Assert.True(await queue.KeepAsync(Some(10)));
        Assert.Equal(20, _shelf.Stored.Count);
        Assert.Equal(3, _losses.UnnotedOf(s_model));
    }

    [Fact]
    public async Task Bytes_need_room_too()
    {
        using var queue = await StartAsync(new() { QueuedBytes = 1_000 });

        Assert.True(await queue.KeepAsync(Some(1)));
        Assert.False(await queue.KeepAsync([Some(1)[0] with { Output = new string('1', 1_000) }]));
        Assert.Equal(1, _losses.Of(s_model));
    }

    [Fact]
    public async Task What_waits_too_long_for_a_database_is_lost_and_what_comes_when_it_is_back_is_not()
    {
        using var queue = await StartAsync(new() { Patience = TimeSpan.FromMilliseconds(300) });
        _shelf.Fails = new NpgsqlException("Nobody answers.");

        Assert.False(await queue.KeepAsync(Some(4)));
        Assert.Equal(4, _losses.Of(s_model));
        Assert.True(_shelf.Asked > 1);

        _shelf.Fails = null;
        Assert.True(await queue.KeepAsync(Some(4)));
        Assert.Equal(4, _losses.Of(s_model));
    }

    [Fact]
    public async Task A_database_that_is_back_in_time_loses_nothing()
    {
        using var queue = await StartAsync(new() { Patience = TimeSpan.FromMinutes(1) });
        _shelf.Fails = new NpgsqlException("Nobody answers.");
        var kept = queue.KeepAsync(Some(4));
        await _shelf.AskedAsync();
        _shelf.Fails = null;

        Assert.True(await kept);
        Assert.Equal(0, _losses.Of(s_model));
    }

    [Fact]
    public async Task What_the_database_refuses_is_lost_alone()
    {
        using var queue = await StartAsync(new());
        _shelf.Refuses = "bad";
        _shelf.Close();
        var first = queue.KeepAsync(Some(1));
        await _shelf.AskedAsync();
        var (good, bad, other) = (
            queue.KeepAsync(Some(2)), queue.KeepAsync([Some(1)[0] with { RequestId = "bad" }]), queue.KeepAsync(Some(2)));
        _shelf.Open();

        Assert.Equal((true, true, false, true), (await first, await good, await bad, await other));
        Assert.Equal(1, _losses.Of(s_model));
    }

    [Fact]
    public async Task What_waits_when_the_server_ends_is_stored_and_what_comes_later_is_counted()
    {
        using var queue = await StartAsync(new());
        _shelf.Close();
        var kept = queue.KeepAsync(Some(5));
        var ending = queue.StopAsync(TestContext.Current.CancellationToken);
        _shelf.Open();
        await ending;

        Assert.True(await kept);
        Assert.False(await queue.KeepAsync(Some(1)));
        Assert.Equal((5, 1), (_shelf.Stored.Count, _losses.Of(s_model)));
    }

    private async Task<PredictionQueue> StartAsync(PredictionOptions options)
    {
        var queue = new PredictionQueue(_shelf, options, _losses, TimeProvider.System, NullLogger<PredictionQueue>.Instance);
        await queue.StartAsync(TestContext.Current.CancellationToken);
        return queue;
    }

    private static IReadOnlyList<LoggedPrediction> Some(int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ => new LoggedPrediction(
            s_model, Guid.CreateVersion7().ToString(), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "someone", Run: null, "{}",
            Features: null, "1", Receipt: null)),
    ];

    private sealed class Shelf : IPredictionShelf, IDisposable
    {
        private readonly SemaphoreSlim _asked = new(0);
        private volatile TaskCompletionSource _open = Opened();

        public List<LoggedPrediction> Stored { get; } = [];

        public int Asked { get; private set; }

        public Exception? Fails { get; set; }

        public string? Refuses { get; set; }

        public void Close() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open() => _open.TrySetResult();

        public Task AskedAsync() => _asked.WaitAsync(TestContext.Current.CancellationToken);

        public async Task AppendAsync(IReadOnlyList<LoggedPrediction> predictions, CancellationToken ct)
        {
            Asked++;
            _asked.Release();
            await _open.Task.WaitAsync(ct);
            if (Fails is { } failure)
                throw failure;
            if (predictions.Any(p => p.RequestId == Refuses))
                throw new PostgresException("no", "ERROR", "ERROR", PostgresErrorCodes.CheckViolation);
            Stored.AddRange(predictions);
        }

        public void Dispose() => _asked.Dispose();

        private static TaskCompletionSource Opened()
        {
            var open = new TaskCompletionSource();
            open.SetResult();
            return open;
        }
    }
}
