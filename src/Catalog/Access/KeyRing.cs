using Catalog.Access.Principals;
using Catalog.Platform;

namespace Catalog.Access;

/// <param name="Outlive">For how long keys are good without the database; null for <see cref="KeyRing.Outlived"/>.</param>
public sealed record KeyOptions(TimeSpan? Outlive);

/// <summary>
/// Tells whose key a request carries, and whether that principal is let in. Keys are remembered for a while, and go on being good for a
/// while without the database, as <see cref="Remembrance{T}"/> says.
/// </summary>
/// <param name="load">Reads the key of an id from the database; null when there is none.</param>
/// <param name="standings">Who is shut out, whatever their keys.</param>
/// <param name="clock">Tells how old a memory is.</param>
/// <param name="outlive">For how long keys are good without the database; null for <see cref="Outlived"/>.</param>
internal sealed class KeyRing(
    Func<string, CancellationToken, Task<ApiKey?>> load, PrincipalStandings standings, TimeProvider clock, TimeSpan? outlive = null)
{
    public const int MaxRemembered = Remembrance<ApiKey>.MaxRemembered;
    public static readonly TimeSpan Remembered = Remembrance<ApiKey>.Remembered;
    public static readonly TimeSpan Outlived = TimeSpan.FromMinutes(15);

    private readonly Remembrance<ApiKey> _keys = new(load, clock, outlive ?? Outlived);

    /// <summary>The key, or why it opens nothing.</summary>
    public async Task<Outcome<ApiKey>> FindAsync(string? text, CancellationToken ct)
    {
        if (!KeyText.TryParse(text, out var presented))
            return Problem.Of("access.unauthenticated", "Send an API key as 'Authorization: Bearer cat_…'.");
        var (key, problem) = await _keys.FindAsync(presented.KeyId, ct);

        // One answer for an unknown id and a wrong secret: neither tells a guesser anything.
        return problem is not null ? problem
            : key is null || !presented.Matches(key.SecretHash) ? Unknown
            : await StandingAsync(key, ct);
    }

    /// <summary>A key that has opened before, or why it opens nothing any more.</summary>
    public async Task<Outcome<ApiKey>> StandsAsync(string keyId, CancellationToken ct)
    {
        var (key, problem) = await _keys.FindAsync(keyId, ct);
        return problem is not null ? problem : key is null ? Unknown : await StandingAsync(key, ct);
    }

    /// <summary>Whether the key of an id is remembered: a guess at its secret then costs a read every few seconds, at most.</summary>
    public bool Knows(string keyId) => _keys.Knows(keyId);

    /// <summary>Forgets a key, after it changed.</summary>
    public void Forget(string keyId) => _keys.Forget(keyId);

    /// <inheritdoc cref="Remembrance{T}.Changes"/>
    public long Changes => _keys.Changes;

    /// <inheritdoc cref="Remembrance{T}.Note"/>
    public bool Note(IReadOnlyCollection<ApiKey> keys, long read) =>
        _keys.Note([.. keys.Select(k => KeyValuePair.Create(k.KeyId, k))], read);

    /// <inheritdoc cref="Remembrance{T}.Confirm"/>
    public void Confirm() => _keys.Confirm();

    /// <summary>Whether keys go by memory now, because the database does not answer.</summary>
    public bool IsOnItsOwn => _keys.IsOnItsOwn;

    private static Problem Unknown => Problem.Of("access.key_unknown", "The API key is not known here.");

    private async ValueTask<Outcome<ApiKey>> StandingAsync(ApiKey key, CancellationToken ct) =>
        key.Revoked ? Problem.Of("access.key_revoked", "The API key was revoked.")
        : key.ExpiresAt <= clock.GetUtcNow() ? Problem.Of("access.key_expired", $"The API key expired at {key.ExpiresAt:O}.")
        : await standings.RefusalAsync(key.Principal, ct) is { } shutOut ? shutOut
        : key;
}
