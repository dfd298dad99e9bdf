using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Catalog.Server.Authentication;

/// <summary>
/// The keys that an issuer signs with, as it publishes them (OpenID Connect Discovery 1.0). They are asked for when the first token comes,
/// again when they are old, and when a token names one that is not among them; while the issuer does not answer, those that are known go
/// on.
/// </summary>
/// <param name="issuer">As it calls itself.</param>
/// <param name="documents">Reads what it publishes.</param>
/// <param name="clock">Tells how old keys are.</param>
/// <param name="log">Told why they cannot be read.</param>
internal sealed partial class IssuerKeys(string issuer, IDocumentRetriever documents, TimeProvider clock, ILogger<IssuerKeys> log)
{
    /// <summary>A key that the issuer takes back is good no longer than this.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);

    /// <summary>Tokens can name keys that never were: the issuer is not asked more often than this.</summary>
    public static readonly TimeSpan BetweenQuestions = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Published? _published;
    private Task _asking = Task.CompletedTask;
    private long? _askedAt;

    /// <summary>The key of an id.</summary>
    /// <param name="id">As a token names it; null where it names none, which is well where there is one key.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <returns>Whether the issuer's keys are known, and the key; null when it is none of them.</returns>
    public async ValueTask<(bool IsKnown, SecurityKey? Key)> FindAsync(string? id, CancellationToken ct)
    {
        var published = Volatile.Read(ref _published);
        var key = published?.Find(id);
        if (published is null || key is null)
            await AskAsync().WaitAsync(ct);
        else if (clock.GetElapsedTime(published.At) >= Fresh)
            _ = AskAsync(); // nobody waits for what goes on being good
        published = Volatile.Read(ref _published);
        return (published is not null, published?.Find(id));
    }

    private Task AskAsync()
    {
        lock (_gate)
        {
            if (!_asking.IsCompleted || (_askedAt is { } last && clock.GetElapsedTime(last) < BetweenQuestions))
                return _asking;
            _askedAt = clock.GetTimestamp();
            return _asking = ReadAsync();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            var at = clock.GetTimestamp();
            var found = await OpenIdConnectConfigurationRetriever.GetAsync(
                $"{issuer.TrimEnd('/')}/.well-known/openid-configuration", documents, CancellationToken.None);
            if (found.Issuer != issuer)
                throw new IOException($"it calls itself '{found.Issuer}'");
            Volatile.Write(ref _published, new Published([.. found.SigningKeys], at));
        }
        catch (Exception e)
        {
            LogUnreadable(issuer, e.Message);
        }
    }

    private sealed record Published(IReadOnlyList<SecurityKey> Keys, long At)
    {
        public SecurityKey? Find(string? id) =>
            id is null ? Keys is [var only] ? only : null : Keys.FirstOrDefault(k => k.KeyId == id);
    }

    [LoggerMessage(2020, LogLevel.Warning, "The keys of the issuer {Issuer} cannot be read: {Why}")]
    private partial void LogUnreadable(string issuer, string why);
}
