using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Log;

namespace Catalog.Changes;

/// <summary>What of the log a caller may see, for as long as the caller's key stands.</summary>
internal sealed class ChangeSight(Sight sight, Caller caller, CallerStanding standing)
{
    public bool Shows(LogEntry fact) => sight.Shows(fact.Stream, fact.Data.Span);

    /// <summary>Asks anew from here on, after the key was revoked or ran out, or what the caller may do changed.</summary>
    /// <returns>Why nothing more is to be told; null to go on.</returns>
    public async Task<Problem?> AskAgainAsync(CancellationToken ct)
    {
        sight.Forget();
        return await standing.RefusalAsync(caller.Identity, ct);
    }
}
