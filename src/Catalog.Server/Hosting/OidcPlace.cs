namespace Catalog.Server.Hosting;

/// <summary>The issuer of bearer tokens, checked before anything is started.</summary>
internal static class OidcPlace
{
    /// <exception cref="HostingException">Tokens could not be trusted so.</exception>
    public static void Demand(OidcOptions? options)
    {
        if (options is null)
            return;
        if (!IsTrustworthy(options.Issuer) || options.Issuer.Contains('?', StringComparison.Ordinal)
            || options.Issuer.Contains('#', StringComparison.Ordinal))
        {
            throw Invalid(
                $"--oidc-issuer is '{options.Issuer}', and must be an https:// address without query, or http:// of this machine: whoever "
                + "is between could make tokens else.");
        }

        if (string.IsNullOrWhiteSpace(options.Audience))
            throw Invalid("--oidc-audience must say whom tokens are for: those for others would be taken else.");
        if (options.GroupsClaim.Length == 0 || options.PrincipalClaim.Length == 0)
            throw Invalid("--oidc-groups-claim and --oidc-principal-claim must name a claim, or be left out.");
    }

    /// <summary>Whether what is read at an address comes from there: over TLS, or from this machine.</summary>
    public static bool IsTrustworthy(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    private static HostingException Invalid(string message) => new(HostingException.OidcInvalid, message);
}
