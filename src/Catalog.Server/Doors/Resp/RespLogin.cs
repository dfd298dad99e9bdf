using System.Net;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Authentication;

namespace Catalog.Server.Doors.Resp;

/// <summary>
/// Who is at the other end of a connection. It is asked about again while the connection lasts: a key or token that is revoked or expires
/// is good no longer than over HTTP.
/// </summary>
internal sealed class RespLogin(
    Authenticator authenticator, CallerStanding standing, Caller caller, PolicyFollower policies, TimeProvider clock)
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private long _askedAt;

    public bool IsKnown => caller.IsKnown;

    /// <param name="user">What the data is wanted for, or <c>default</c>.</param>
    /// <param name="key">An API key, or a bearer token.</param>
    /// <param name="from">Where the connection comes from; null where nobody knows.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ProblemException">It opens nothing, or there is no such purpose.</exception>
    public async ValueTask EnterAsync(string user, string key, IPAddress? from, CancellationToken ct)
    {
        Purpose? purpose = null;
        if (user != "default")
        {
            purpose = Purposes.TryParse(user, out var known)
                ? known
                : throw new ProblemException(Problem.Field(
                    "access.purpose_unknown", "user", $"The user must be 'default', or the purpose: one of {Purposes.List}."));
        }

        var found = await authenticator.IdentifyAsync(key, from, ct);
        if (!found.Succeeded)
            throw new ProblemException(found.Problem.Code == "access.unauthenticated" ? NoKey : found.Problem);
        if (!policies.IsRead && await policies.ReachAsync(0, ct) is { } unread)
            throw new ProblemException(unread);
        caller.Become(found.Value with { Purpose = purpose, Address = CallerAddress.Of(from) });
        _askedAt = clock.GetTimestamp();
    }

    /// <exception cref="ProblemException">The key is good no longer.</exception>
    public ValueTask DemandStandingAsync(CancellationToken ct) =>
        clock.GetElapsedTime(_askedAt) < s_between ? default : AskAsync(ct);

    private async ValueTask AskAsync(CancellationToken ct)
    {
        if (await standing.RefusalAsync(caller.Identity, ct) is { } over)
            throw new ProblemException(over);
        _askedAt = clock.GetTimestamp();
    }

    private static Problem NoKey => Problem.Of(
        "access.key_unknown", "The password must be an API key, cat_…, or a token of the issuer that this catalog trusts.");
}
