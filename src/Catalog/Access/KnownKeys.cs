using Catalog.Platform.Log;
using Catalog.Platform.Writes;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Access;

/// <summary>
/// Sees to it that this server knows every key, also those that nobody has shown it yet, and learns of changes that other servers make:
/// when the database is gone, it can still tell who asks.
/// </summary>
internal sealed partial class KnownKeys(
    IDocumentStore store, FactRegistry facts, States states, KeyRing ring, TimeProvider clock, ILogger<KnownKeys> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly LogTail _tail = new(store, [facts.NameOf(typeof(KeyIssued)), facts.NameOf(typeof(KeyRevoked))]);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var knowsAll = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!knowsAll)
                {
                    _tail.StartAt(await NoteAllAsync(stoppingToken));
                    knowsAll = true;
                }

                await FollowAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogCannotFollow(e.Message);
            }

            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        do
        {
            var changed = (await _tail.ReadAsync(ct)).Where(f => f.Data.Length > 0).Select(f => f.Stream).Distinct().ToList();
            await NoteAsync(changed, ct);
        }
        while (_tail.HasMore);
        ring.Confirm();
    }

    /// <summary>The newest keys, as many as are remembered.</summary>
    /// <returns>Where to follow the log from.</returns>
    private async Task<long> NoteAllAsync(CancellationToken ct)
    {
        var known = await KnownStreams.FindAsync(store, [ApiKey.StreamId("")], KeyRing.MaxRemembered, ct);
        await NoteAsync(known.Streams, ct);
        return known.From;
    }

    private async Task NoteAsync(IReadOnlyCollection<string> streams, CancellationToken ct)
    {
        while (streams.Count > 0)
        {
            var (read, keys) = (ring.Changes, new List<ApiKey>());
            foreach (var row in (await states.LoadAsync(streams, ct)).Values)
            {
                if ((await states.ReadAsync<ApiKey>(row, ct)).State is { } key)
                    keys.Add(key);
            }

            if (ring.Note(keys, read))
                return;
        }
    }

    [LoggerMessage(6020, LogLevel.Debug, "Changes of keys cannot be followed now: {Why}")]
    private partial void LogCannotFollow(string why);
}
