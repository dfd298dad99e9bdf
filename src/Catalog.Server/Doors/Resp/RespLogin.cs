using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;

namespace Catalog.Server.Doors.Resp;

/// <summary>
/// Who is at the other end of a connection. A key is asked about again while the connection lasts: one that is revoked or expires is good
/// no longer than over HTTP.
/// </summary>
internal sealed class RespLogin(KeyRing ring, Caller caller, PolicyFollower policies, TimeProvider clock)
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private string? _keyId;
    private long _askedAt;

    public bool IsKnown => _keyId is not null;

    /// <param name="user">What the data is wanted for, or <c>default</c>.</param>
    /// <param name="key">An API key.</param>
    /// <exception cref="ProblemException">It opens nothing, or there is no such purpose.</exception>
    public async ValueTask EnterAsync(string user, string key, CancellationToken ct)
    {
        Purpose? purpose = null;
        if (user != "default")
        {
            purpose = Purposes.TryParse(user, out var known)
                ? known
                : throw new ProblemException(Problem.Field(
                    "access.purpose_unknown", "user", $"The user must be 'default', or the purpose: one of {Purposes.List}."));
        }

        var found = await ring.FindAsync(key, ct);
        if (!found.Succeeded)
            throw new ProblemException(found.Problem.Code == "access.unauthenticated" ? NoKey : found.Problem);
        if (!policies.IsRead && await policies.ReachAsync(0, ct) is { } unread)
            throw new ProblemException(unread);
        caller.Become(new(
            found.Value.Principal, found.Value.KeyId, found.Value.Role, purpose, Correlation: null, Causation: null));
        (_keyId, _askedAt) = (found.Value.KeyId, clock.GetTimestamp());
    }

    /// <exception cref="ProblemException">The key is good no longer.</exception>
    public ValueTask DemandStandingAsync(CancellationToken ct) =>
        clock.GetElapsedTime(_askedAt) < s_between ? default : AskAsync(_keyId ?? "", ct);

    private async ValueTask AskAsync(string keyId, CancellationToken ct)
    {
        var found = await ring.StandsAsync(keyId, ct);
        if (!found.Succeeded)
            throw new ProblemException(found.Problem);
        _askedAt = clock.GetTimestamp();
    }

    private static Problem NoKey => Problem.Of("access.key_unknown", "The password must be an API key: cat_….");
}
