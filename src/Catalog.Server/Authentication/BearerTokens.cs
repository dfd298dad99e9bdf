using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Catalog.Access;
using Catalog.Access.Principals;
using Catalog.Platform;

namespace Catalog.Server.Authentication;

/// <summary>
/// Bearer tokens as they come, again and again: one that was verified is good for a minute without looking at its signature anew. Only
/// hashes of them are remembered.
/// </summary>
/// <param name="verifier">Looks at a token; null where no issuer is trusted.</param>
/// <param name="claimed">Told what tokens say people call their principals.</param>
/// <param name="clock">Tells how old a memory is.</param>
internal sealed class BearerTokens(TokenVerifier? verifier, Action<string, PrincipalProfile> claimed, TimeProvider clock)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan s_remembered = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> _verified = new(StringComparer.Ordinal);

    /// <summary>Whether tokens are taken at all.</summary>
    public bool AreTaken => verifier is not null;

    /// <summary>What a token says, or why it does not hold.</summary>
    public async ValueTask<Outcome<VerifiedToken>> FindAsync(string text, CancellationToken ct)
    {
        if (verifier is null)
            return Problem.Of("access.token_invalid", "The bearer token is of no issuer that this catalog trusts.");
        var (hash, now) = (HashOf(text), clock.GetTimestamp());
        if (_verified.TryGetValue(hash, out var known) && clock.GetElapsedTime(known.At, now) < s_remembered)
            return known.Token.Until > clock.GetUtcNow() ? known.Token : CallerStanding.TokenExpired;

        var verified = await verifier.VerifyAsync(text, ct);
        if (verified.Succeeded)
            Remember(hash, new Entry(verified.Value, now));
        return verified;
    }

    private void Remember(string hash, Entry entry)
    {
        if (_verified.Count >= MaxRemembered)
            _verified.Clear();
        _verified[hash] = entry;
        claimed(entry.Token.Principal, entry.Token.Profile);
    }

    private static string HashOf(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private readonly record struct Entry(VerifiedToken Token, long At);
}
