using Catalog.Access;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>API keys. Only administrators may.</summary>
public sealed class KeyClient
{
    private readonly Transport _transport;

    internal KeyClient(Transport transport) => _transport = transport;

    /// <summary>
    /// Makes a key. Its secret is in the answer and nowhere else, so when the connection breaks midway, revoke the key of that name.
    /// </summary>
    public Task<CreatedKey> CreateAsync(
        string name, Role role, string? principal = null, DateTimeOffset? expiresAt = null, CancellationToken ct = default) =>
        _transport.SendAsync<CreatedKey>(
            HttpMethod.Post, Route.Of("keys"), new KeyBody(name, role, principal, expiresAt), ct, Repeat.IfNotActedOn);

    public IAsyncEnumerable<ApiKey> ListAsync(CancellationToken ct = default) =>
        Pages.ReadAsync<ApiKey>(_transport, () => Route.Of("keys"), pageSize: 100, ct);

    /// <summary>Ends a key. Whoever uses it is refused from now on.</summary>
    public Task<RevokedKey> RevokeAsync(string id, CancellationToken ct = default) =>
        _transport.SendAsync<RevokedKey>(HttpMethod.Delete, Route.Of("keys", id), body: null, ct);
}

/// <summary>What is known of a key; never its secret.</summary>
public sealed record ApiKey(
    string Id,
    string? Name,
    Role Role,
    string Principal,
    DateTimeOffset IssuedAt,
    string? IssuedBy,
    DateTimeOffset? ExpiresAt,
    bool Revoked);

/// <summary>A key that was ended; <paramref name="Changed"/> is false when it had been before.</summary>
public sealed record RevokedKey(string Id, bool Changed, long Position) : IAtPosition;

/// <summary>A new key; <paramref name="Key"/> is shown this once.</summary>
public sealed record CreatedKey(string Id, string Name, Role Role, string Principal, DateTimeOffset? ExpiresAt, string Key, long Position)
    : IAtPosition;

/// <summary>Who the catalog takes the caller for.</summary>
/// <param name="Principal">Opaque id.</param>
/// <param name="Role">What the key or token allows by itself.</param>
/// <param name="KeyId">The API key used; null for a bearer token.</param>
/// <param name="Purpose">As declared.</param>
/// <param name="Groups">That the token claims, by its issuer's names; null where the server is older than tokens.</param>
public sealed record WhoAmI(string Principal, Role Role, string? KeyId, Purpose? Purpose, IReadOnlyList<string>? Groups = null);
