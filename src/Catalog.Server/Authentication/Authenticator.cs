using System.Net;
using Catalog.Access;
using Catalog.Access.Principals;
using Catalog.Platform;

namespace Catalog.Server.Authentication;

/// <summary>
/// Tells who comes, by an API key or a bearer token: the one place for it, at whatever door. What was declared beside it (purpose, run) is
/// the door's to add.
/// </summary>
internal sealed class Authenticator(KeyRing keys, BearerTokens tokens, PrincipalStandings standings, FailedAttempts failures)
{
    /// <summary>Who it is, or why it is nobody.</summary>
    /// <param name="credential">What was sent; null or empty for nothing.</param>
    /// <param name="from">Where it came from; null where nobody knows.</param>
    /// <param name="ct">Gives up.</param>
    public ValueTask<Outcome<Identity>> IdentifyAsync(string? credential, IPAddress? from, CancellationToken ct) =>
        KeyText.TryParse(credential, out var key) ? ByKeyAsync(credential, key, from, ct)
        : tokens.AreTaken && credential is { Length: > 0 } token && !KeyText.IsMeant(token) ? ByTokenAsync(token, from, ct)
        : new(Nothing);

    private Problem Nothing => Problem.Of(
        "access.unauthenticated",
        tokens.AreTaken
            ? "Send an API key, or a token of the issuer that this catalog trusts: 'Authorization: Bearer cat_…', or 'Bearer eyJ…'."
            : "Send an API key as 'Authorization: Bearer cat_…'.");

    private async ValueTask<Outcome<Identity>> ByKeyAsync(string text, KeyText presented, IPAddress? from, CancellationToken ct)
    {
        // Guesses cost no read of the database; keys that are known go on being good.
        if (!keys.Knows(presented.KeyId) && failures.Refusal(from) is { } tooMany)
            return tooMany;
        var key = await keys.FindAsync(text, ct);
        if (key.Succeeded)
            return new Identity(key.Value.Principal, key.Value.KeyId, key.Value.Role, Purpose: null, Correlation: null, Causation: null);
        return IsGuess(key.Problem) && failures.Add(from) is { } now ? now : key.Problem;
    }

    private async ValueTask<Outcome<Identity>> ByTokenAsync(string text, IPAddress? from, CancellationToken ct)
    {
        var token = await tokens.FindAsync(text, ct);
        if (!token.Succeeded)
            return IsGuess(token.Problem) && failures.Add(from) is { } now ? now : token.Problem;
        if (await standings.RefusalAsync(token.Value.Principal, ct) is { } shutOut)
            return shutOut;
        return new Identity(token.Value.Principal, KeyId: null, token.Value.Role, Purpose: null, Correlation: null, Causation: null)
        {
            Groups = token.Value.Groups,
            ExpiresAt = token.Value.Until,
        };
    }

    /// <summary>Whoever has the secret of a key that was revoked, or has expired, guesses nothing.</summary>
    private static bool IsGuess(Problem problem) => problem.Code is "access.key_unknown" or "access.token_invalid";
}
