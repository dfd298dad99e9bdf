using System.Security.Cryptography;
using System.Text;
using Catalog.Access;
using Catalog.Access.Principals;
using Catalog.Platform;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Catalog.Server.Authentication;

/// <summary>Whom a bearer token is for.</summary>
/// <param name="Principal">Opaque: nobody reads from it who it is.</param>
/// <param name="Role">What it may before any policy is asked.</param>
/// <param name="Groups">Claimed, by the issuer's names.</param>
/// <param name="Profile">What people call the principal; empty where the token does not say.</param>
/// <param name="Until">When its time is over.</param>
internal sealed record VerifiedToken(
    string Principal, Role Role, IReadOnlyCollection<string> Groups, PrincipalProfile Profile, DateTimeOffset Until);

/// <summary>
/// Tells what a bearer token says, if its issuer says so: a JWT (RFC 7519), signed with one of the issuer's keys, for this audience, within
/// its time. Which algorithms are taken is decided here, and not by the token (RFC 8725 section 3.1): never <c>none</c>, and none that
/// anybody could sign by who knows a public key.
/// </summary>
internal sealed class TokenVerifier(OidcOptions options, IssuerKeys keys, TimeProvider clock)
{
    public const int MaxLength = 16 * 1024;
    private const int MaxGroups = 1_000;

    /// <summary>How far the issuer's clock may be from ours.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    private static readonly string[] s_algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _reader = new() { MaximumTokenSizeInBytes = MaxLength, MapInboundClaims = false };

    /// <summary>What the token says, or why it does not hold; never the token itself.</summary>
    public async ValueTask<Outcome<VerifiedToken>> VerifyAsync(string text, CancellationToken ct)
    {
        if (Read(text) is not { } token)
            return Invalid("is no JSON Web Token in the compact form");
        if (!s_algorithms.Contains(token.Alg, StringComparer.Ordinal))
            return Invalid("is signed in a way that is not accepted; RS, PS and ES with 256, 384 or 512 are");

        if (token.TryGetHeaderValue<object>("crit", out _))
            return Invalid("demands an extension that is not known here (RFC 7515 section 4.1.11)");

        var (isKnown, key) = await keys.FindAsync(token.Kid is { Length: > 0 } id ? id : null, ct);
        if (!isKnown)
        {
            return Problem.Of(
                "access.unverifiable", "The issuer of bearer tokens has not answered yet, so that none can be verified; try again soon.");
        }

        if (key is null)
            return Invalid("has a signature by a key that its issuer does not publish");
        var verified = await _reader.ValidateTokenAsync(token, Demands(key));
        return verified.IsValid ? Tell(token) : Invalid(Why(verified.Exception));
    }

    private JsonWebToken? Read(string text)
    {
        try
        {
            return text.Length <= MaxLength && _reader.ReadJsonWebToken(text) is { IsEncrypted: false } token ? token : null;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }

    private TokenValidationParameters Demands(SecurityKey key) => new()
    {
        IssuerSigningKey = key,
        TryAllIssuerSigningKeys = false,
        ValidAlgorithms = s_algorithms,
        ValidIssuer = options.Issuer,
        ValidAudience = options.Audience,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        RequireSignedTokens = true,
        LifetimeValidator = (notBefore, expires, _, _) => Untimely(notBefore, expires) is null,
        LogValidationExceptions = false,
        LogTokenId = false,
    };

    private Outcome<VerifiedToken> Tell(JsonWebToken token)
    {
        if (Claim(token, options.PrincipalClaim) is not { Length: > 0 } subject)
            return Invalid($"does not say whom it is for: it has no claim '{options.PrincipalClaim}'");
        var groups = token.Claims.Where(c => c.Type == options.GroupsClaim && Names.Check(c.Value) is null)
            .Select(c => c.Value).Distinct(StringComparer.Ordinal).Take(MaxGroups).ToHashSet(StringComparer.Ordinal);
        return new VerifiedToken(
            PrincipalOf(options.Issuer, subject),
            options.AdminGroup is { } admins && groups.Contains(admins) ? Role.Admin : Role.None,
            groups,
            new PrincipalProfile(Claim(token, "name"), Claim(token, "email")),
            new DateTimeOffset(token.ValidTo, TimeSpan.Zero) + Skew);
    }

    /// <summary>The same for one subject of one issuer, always; and nobody tells the subject from it.</summary>
    internal static string PrincipalOf(string issuer, string subject) =>
        $"oidc-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\n{subject}")))[..24]}";

    private static string? Claim(JsonWebToken token, string name) => token.TryGetPayloadValue<string>(name, out var value) ? value : null;

    private static Problem Invalid(string why) => Problem.Of("access.token_invalid", $"The bearer token {why}.");

    private string? Untimely(DateTime? notBefore, DateTime? expires)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return expires is null ? "does not say when its time is over"
            : expires + Skew <= now ? "has expired: its time is over"
            : notBefore - Skew > now ? "is not good yet"
            : null;
    }

    private string Why(Exception? e) => e switch
    {
        SecurityTokenInvalidLifetimeException late => Untimely(late.NotBefore, late.Expires) ?? "has a time that does not hold",
        SecurityTokenInvalidAudienceException => "is for another audience",
        SecurityTokenInvalidIssuerException => "is of another issuer",
        SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException =>
            "has a signature that does not hold",
        _ => "does not hold",
    };
}
