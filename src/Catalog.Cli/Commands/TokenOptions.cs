using System.CommandLine;
using Catalog.Server;

namespace Catalog.Cli.Commands;

/// <summary>Whose bearer tokens <c>catalog serve</c> takes.</summary>
internal sealed class TokenOptions
{
    private readonly Option<string?> _issuer = new("--oidc-issuer")
    {
        Description = "Also take bearer tokens of this issuer (OpenID Connect), named as tokens name it",
        HelpName = "url",
    };

    private readonly Option<string?> _audience = new("--oidc-audience")
    {
        Description = "Whom such tokens must be for",
        HelpName = "audience",
    };

    private readonly Option<string?> _groups = new("--oidc-groups-claim")
    {
        Description = $"The claim that lists groups ({OidcOptions.DefaultGroupsClaim} unless told)",
        HelpName = "claim",
    };

    private readonly Option<string?> _principal = new("--oidc-principal-claim")
    {
        Description = $"The claim that tells principals apart ({OidcOptions.DefaultPrincipalClaim} unless told)",
        HelpName = "claim",
    };

    private readonly Option<string?> _admins = new("--oidc-admin-group")
    {
        Description = "Whoever is in this claimed group is an administrator",
        HelpName = "group",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option<string?>[])[_issuer, _audience, _groups, _principal, _admins])
            command.Options.Add(option);
    }

    /// <returns>Null where no issuer is named.</returns>
    /// <exception cref="UsageException">Other options are given without the issuer.</exception>
    public OidcOptions? Of(Call call)
    {
        if (call.Value(_issuer) is not { } issuer)
        {
            return Array.Find([_audience, _groups, _principal, _admins], o => call.Value(o) is not null) is { } lone
                ? throw new UsageException($"{lone.Name} says more about --oidc-issuer, which is missing.")
                : null;
        }

        return new OidcOptions
        {
            Issuer = issuer,
            Audience = call.Value(_audience) ?? "",
            GroupsClaim = call.Value(_groups) ?? OidcOptions.DefaultGroupsClaim,
            PrincipalClaim = call.Value(_principal) ?? OidcOptions.DefaultPrincipalClaim,
            AdminGroup = call.Value(_admins),
        };
    }
}
