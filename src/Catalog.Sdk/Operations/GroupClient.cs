using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>
/// Groups of principals, which policies speak of. A member is an id of a principal, or another group as <c>group:analysts</c>. Only
/// administrators may.
/// </summary>
public sealed class GroupClient
{
    private readonly Transport _transport;

    internal GroupClient(Transport transport) => _transport = transport;

    /// <summary>Makes a group, without members. Names are not reused.</summary>
    /// <param name="name">Of the group.</param>
    /// <param name="description">What its members have in common; nothing about persons.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<AccessReceipt> CreateAsync(string name, string? description = null, CancellationToken ct = default) =>
        _transport.SendAsync<AccessReceipt>(HttpMethod.Post, Route.Of("groups"), new GroupBody(name, description), ct);

    /// <summary>Puts a principal, or another group, into a group.</summary>
    public Task<AccessReceipt> AddAsync(string name, string member, CancellationToken ct = default) =>
        _transport.SendAsync<AccessReceipt>(HttpMethod.Put, Route.Of("groups", name, "members", member), body: null, ct);

    /// <summary>Takes a principal, or another group, out of a group.</summary>
    public Task<AccessReceipt> RemoveAsync(string name, string member, CancellationToken ct = default) =>
        _transport.SendAsync<AccessReceipt>(HttpMethod.Delete, Route.Of("groups", name, "members", member), body: null, ct);

    /// <summary>Ends a group: whatever its members were allowed through it, they are no more.</summary>
    public Task<AccessReceipt> DissolveAsync(string name, CancellationToken ct = default) =>
        _transport.SendAsync<AccessReceipt>(HttpMethod.Delete, Route.Of("groups", name), body: null, ct);

    public Task<PrincipalGroup> GetAsync(string name, CancellationToken ct = default) =>
        _transport.GetAsync<PrincipalGroup>(Route.Of("groups", name), ct);

    public IAsyncEnumerable<ListedGroup> ListAsync(CancellationToken ct = default) =>
        Pages.ReadAsync<ListedGroup>(_transport, () => Route.Of("groups"), pageSize: 100, ct);
}

/// <summary>A write about who may do what.</summary>
/// <param name="Id">What was written: <c>group:analysts</c>, <c>principal:svc-train</c>.</param>
/// <param name="Changed">False when it was so before.</param>
/// <param name="Position">Of the log.</param>
public sealed record AccessReceipt(string Id, bool Changed, long Position) : IAtPosition;

/// <summary>A group and its members.</summary>
/// <param name="Group">As it is written where principals are written: <c>group:analysts</c>.</param>
/// <param name="Members">Ids of principals, and groups.</param>
public sealed record PrincipalGroup(
    string Group, string Name, string Description, IReadOnlyList<string> Members, bool Dissolved, DateTimeOffset CreatedAt,
    string? CreatedBy, DateTimeOffset UpdatedAt);

/// <param name="Group">As it is written where principals are written: <c>group:analysts</c>.</param>
/// <param name="Members">How many it has, each nested group counted as one.</param>
public sealed record ListedGroup(string Group, string Name, string Description, int Members, bool Dissolved, DateTimeOffset UpdatedAt);
