using Catalog.Access.Principals;
using Catalog.Platform;

namespace Catalog.Access;

/// <summary>Whether a caller that was let in is still to be: asked again by whatever lasts, such as a connection or a feed.</summary>
internal sealed class CallerStanding(KeyRing keys, PrincipalStandings standings, TimeProvider clock)
{
    public static Problem TokenExpired { get; } = Problem.Of("access.token_invalid", "The bearer token's time is over.");

    /// <returns>Why it is not let in any more; null when it is.</returns>
    public async ValueTask<Problem?> RefusalAsync(Identity who, CancellationToken ct) =>
        who.ExpiresAt <= clock.GetUtcNow() ? TokenExpired
        : who.KeyId is { } keyId ? (await keys.StandsAsync(keyId, ct)).Problem
        : await standings.RefusalAsync(who.Principal, ct);
}
