using System.Runtime.CompilerServices;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>The catalog's log, to keep something of your own in step with it.</summary>
public sealed class ChangeClient
{
    private readonly Transport _transport;

    internal ChangeClient(Transport transport) => _transport = transport;

    /// <summary>
    /// Reads the log in the order of positions, each change once. A connection that breaks is made again and goes on where it stopped; when
    /// following, however long that takes. Remember the position of the last change that you are done with, to begin behind it next time.
    /// </summary>
    /// <param name="after">The position to begin behind; 0 for the beginning.</param>
    /// <param name="options">Which changes, and whether to follow.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="CatalogException"><c>catalog.position_unknown</c>: the log ends before that position, so this is another history.
    /// <c>access.key_revoked</c> and the like, also midway.</exception>
    public async IAsyncEnumerable<CatalogChange> ReadAsync(
        long after = 0, ChangeOptions? options = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var wanted = options ?? new ChangeOptions();
        var (position, left, failures, connected) = (after, wanted.Limit, 0, false);
        while (left is not 0)
        {
            if (await OpenAsync(position, wanted with { Limit = left }, connected, ct).ConfigureAwait(false) is { } feed)
            {
                connected = true;
                await using var closing = feed.ConfigureAwait(false);
                while (await feed.NextAsync(ct).ConfigureAwait(false) is { } change)
                {
                    (position, failures, left) = (change.Position, 0, left - 1);
                    _transport.Saw(position);
                    yield return change;
                }

                if (feed.IsAtEnd && !wanted.Follow)
                    yield break;
                position = Math.Max(position, feed.Position);
            }

            await Task.Delay(Retries.Wait(_transport.Options, failures++, asked: null), _transport.Options.Time, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Null when the catalog cannot be reached now, and whoever follows it has been let in before.</summary>
    private async Task<ChangeFeed?> OpenAsync(long after, ChangeOptions wanted, bool connected, CancellationToken ct)
    {
        try
        {
            return await ChangeFeed.OpenAsync(_transport, after, wanted, ct).ConfigureAwait(false);
        }
        catch (CatalogException e) when (connected && wanted.Follow && e.Resend is not Resend.Useless && _transport.Options.MaxRetries > 0)
        {
            return null;
        }
    }
}
