using Catalog.Access.Principals;
using Catalog.Platform.Log;
using Catalog.Platform.Writes;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Access;

/// <summary>
/// Sees to it that this server knows every key and who holds it, also those that nobody has shown it yet, and learns of changes that other
/// servers make: when the database is gone, it can still tell who asks.
/// </summary>
internal sealed partial class KnownKeys(
    IDocumentStore store, FactRegistry facts, States states, KeyRing ring, PrincipalStandings standings, TimeProvider clock,
    ILogger<KnownKeys> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly Type[] s_changes =
        [typeof(KeyIssued), typeof(KeyRevoked), typeof(PrincipalRegistered), typeof(PrincipalDisabled), typeof(PrincipalEnabled)];

    private readonly LogTail _tail = new(store, [.. s_changes.Select(facts.NameOf)]);

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
            var changed = (await _tail.ReadAsync(ct)).Where(f => f.Data.Length > 0).Select(f => f.Stream).ToHashSet(StringComparer.Ordinal);
            await NoteKeysAsync([.. changed.Where(s => s.StartsWith(ApiKey.StreamId(""), StringComparison.Ordinal))], ct);
            await NotePrincipalsAsync(changed.Select(Principal.IdOf).OfType<string>(), ct);
        }
        while (_tail.HasMore);
        ring.Confirm();
        standings.Confirm();
    }

    /// <summary>The newest keys, as many as are remembered.</summary>
    /// <returns>Where to follow the log from.</returns>
    private async Task<long> NoteAllAsync(CancellationToken ct)
    {
        var known = await KnownStreams.FindAsync(store, [ApiKey.StreamId("")], KeyRing.MaxRemembered, ct);
        await NoteKeysAsync(known.Streams, ct);
        return known.From;
    }

    private async Task NoteKeysAsync(IReadOnlyCollection<string> streams, CancellationToken ct)
    {
        while (streams.Count > 0)
        {
            var (read, keys) = (ring.Changes, new List<ApiKey>());
            foreach (var row in (await states.LoadAsync(streams, ct)).Values)
            {
                if ((await states.ReadAsync<ApiKey>(row, ct)).State is { } key)
                    keys.Add(key);
            }

            await NotePrincipalsAsync(keys.Select(k => k.Principal), ct);
            if (ring.Note(keys, read))
                return;
        }
    }

    /// <summary>Also those that are not registered: a key is good no longer than it is known that its holder is not shut out.</summary>
    private async Task NotePrincipalsAsync(IEnumerable<string> principals, CancellationToken ct)
    {
        var ids = principals.ToHashSet(StringComparer.Ordinal);
        while (ids.Count > 0)
        {
            var read = standings.Changes;
            var found = ids.ToDictionary(id => id, _ => (Principal?)null, StringComparer.Ordinal);
            var rows = await states.LoadAsync([.. ids.Select(Principal.StreamId)], ct);
            foreach (var id in ids)
            {
                if (rows.TryGetValue(Principal.StreamId(id), out var row))
                    found[id] = (await states.ReadAsync<Principal>(row, ct)).State;
            }

            if (standings.Note(found, read))
                return;
        }
    }

    [LoggerMessage(6020, LogLevel.Debug, "Changes of keys cannot be followed now: {Why}")]
    private partial void LogCannotFollow(string why);
}
