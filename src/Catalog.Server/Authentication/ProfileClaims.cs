using System.Collections.Concurrent;
using Catalog.Access.Principals;
using Microsoft.Extensions.Logging;

namespace Catalog.Server.Authentication;

/// <summary>
/// Keeps profiles as tokens have them: in the background, once an hour for each principal, and without writing anything of them elsewhere.
/// </summary>
internal sealed partial class ProfileClaims(PrincipalProfiles profiles, TimeProvider clock, ILogger<ProfileClaims> log)
{
    private const int MaxRemembered = 10_000;
    private const int MaxText = 320;
    private static readonly TimeSpan s_between = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, long> _noted = new(StringComparer.Ordinal);

    /// <summary>Takes note of a profile. What it does not say is kept as it was not said.</summary>
    public void Note(string principal, PrincipalProfile claimed)
    {
        var profile = new PrincipalProfile(Usable(claimed.DisplayName), Usable(claimed.Email));
        var now = clock.GetTimestamp();
        if (profile.SaysNothing || (_noted.TryGetValue(principal, out var at) && clock.GetElapsedTime(at, now) < s_between))
            return;
        if (_noted.Count >= MaxRemembered)
            _noted.Clear();
        _noted[principal] = now;
        _ = SetAsync(principal, profile);
    }

    private async Task SetAsync(string principal, PrincipalProfile profile)
    {
        try
        {
            await profiles.SetAsync(principal, profile, CancellationToken.None);
        }
        catch (Exception e)
        {
            // The message could quote what was to be stored.
            LogNotKept(principal, e.GetType().Name);
            _noted.TryRemove(principal, out _);
        }
    }

    private static string? Usable(string? text) =>
        text is { Length: > 0 and <= MaxText } && !text.Contains('\0', StringComparison.Ordinal) ? text : null;

    [LoggerMessage(2021, LogLevel.Debug, "What a token says about {Principal} could not be kept: {Cause}")]
    private partial void LogNotKept(string principal, string cause);
}
