using Catalog.Access;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>
/// What is known of principals: attributes that policies ask about, whether they are let in, and, erasable, what people call them. Only
/// administrators may.
/// </summary>
public sealed class PrincipalClient
{
    private readonly Transport _transport;

    internal PrincipalClient(Transport transport) => _transport = transport;

    /// <summary>Makes a principal known, so that it can have attributes and be shut out.</summary>
    /// <param name="id">Opaque, as keys and tokens name it (<see cref="CatalogClient.WhoAmIAsync"/>).</param>
    /// <param name="kind">A person or a program.</param>
    /// <param name="attributes">Such as <c>region</c> → <c>eu</c>; no personal data, since they stay in the log.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<AccessReceipt> RegisterAsync(
        string id, PrincipalKind kind, IReadOnlyDictionary<string, string>? attributes = null, CancellationToken ct = default) =>
        _transport.SendAsync<AccessReceipt>(HttpMethod.Post, Route.Of("principals"), new PrincipalBody(id, kind, attributes), ct);

    /// <summary>Sets a principal's attributes, all of them.</summary>
    public Task<AccessReceipt> SetAttributesAsync(
        string id, IReadOnlyDictionary<string, string> attributes, CancellationToken ct = default) =>
        _transport.SendAsync<AccessReceipt>(HttpMethod.Put, Route.Of("principals", id, "attributes"), new AttributesBody(attributes), ct);

    /// <summary>Shuts a principal out, by whatever key or token it comes.</summary>
    public Task<AccessReceipt> DisableAsync(string id, CancellationToken ct = default) =>
        _transport.SendAsync<AccessReceipt>(HttpMethod.Post, Route.Of("principals", id, "disable"), body: null, ct);

    /// <summary>Lets a principal in again.</summary>
    public Task<AccessReceipt> EnableAsync(string id, CancellationToken ct = default) =>
        _transport.SendAsync<AccessReceipt>(HttpMethod.Post, Route.Of("principals", id, "enable"), body: null, ct);

    /// <summary>Says what people call a principal. It is kept beside the log, and can be erased.</summary>
    public Task<ProfileReceipt> SetProfileAsync(string id, PrincipalProfile profile, CancellationToken ct = default) =>
        _transport.SendAsync<ProfileReceipt>(HttpMethod.Put, Route.Of("principals", id, "profile"), profile, ct);

    /// <summary>Forgets what people call a principal.</summary>
    public Task<ProfileReceipt> EraseProfileAsync(string id, CancellationToken ct = default) =>
        _transport.SendAsync<ProfileReceipt>(HttpMethod.Delete, Route.Of("principals", id, "profile"), body: null, ct);

    public Task<Principal> GetAsync(string id, CancellationToken ct = default) =>
        _transport.GetAsync<Principal>(Route.Of("principals", id), ct);

    /// <summary>Those that are registered.</summary>
    public IAsyncEnumerable<Principal> ListAsync(CancellationToken ct = default) =>
        Pages.ReadAsync<Principal>(_transport, () => Route.Of("principals"), pageSize: 100, ct);
}

/// <summary>What is known of a principal.</summary>
/// <param name="Id">As keys and tokens name it.</param>
/// <param name="Registered">Whether anybody made it known; else there is a profile and no more.</param>
/// <param name="Kind">A person or a program; null where it is not registered.</param>
/// <param name="Attributes">What policies may ask about.</param>
/// <param name="Disabled">Whether it is shut out.</param>
/// <param name="Profile">What people call it; null where nobody said, or it was erased.</param>
public sealed record Principal(
    string Id, bool Registered, PrincipalKind? Kind,
    IReadOnlyDictionary<string, string> Attributes, bool Disabled, DateTimeOffset? RegisteredAt, string? RegisteredBy,
    PrincipalProfile? Profile);

/// <summary>What people call a principal.</summary>
public sealed record PrincipalProfile(string? DisplayName = null, string? Email = null);

/// <summary>A profile that was set or erased; <paramref name="Changed"/> is false when it was so before.</summary>
public sealed record ProfileReceipt(string Principal, bool Changed);
