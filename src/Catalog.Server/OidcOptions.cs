namespace Catalog.Server;

/// <summary>An issuer of bearer tokens that are taken beside API keys (OpenID Connect).</summary>
public sealed record OidcOptions
{
    public const string DefaultGroupsClaim = "groups";
    public const string DefaultPrincipalClaim = "sub";

    /// <summary>
    /// As tokens name it, to the letter: <c>https://login.example.org/realms/data</c>. Where it signs is found at
    /// <c>/.well-known/openid-configuration</c> under it.
    /// </summary>
    public required string Issuer { get; init; }

    /// <summary>Whom tokens must be for, to the letter.</summary>
    public required string Audience { get; init; }

    /// <summary>The claim that lists groups.</summary>
    public string GroupsClaim { get; init; } = DefaultGroupsClaim;

    /// <summary>The claim that tells one principal from another, for good.</summary>
    public string PrincipalClaim { get; init; } = DefaultPrincipalClaim;

    /// <summary>Whoever is in this claimed group is an administrator; null for nobody.</summary>
    public string? AdminGroup { get; init; }
}
