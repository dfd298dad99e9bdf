using Catalog.Platform.Writes;

namespace Catalog.Access;

/// <summary>Who is asking, for the length of one request. Filled in by authentication; everything else only reads it.</summary>
public sealed class Caller
{
    private Identity? _identity;

    /// <exception cref="InvalidOperationException">Nothing has authenticated the request.</exception>
    internal Identity Identity => _identity ?? throw new InvalidOperationException("The request has not been authenticated.");

    internal FactOrigin Origin =>
        new(Identity.Principal, Identity.Purpose?.ToString().ToLowerInvariant(), Identity.Correlation, Identity.Causation);

    internal bool IsKnown => _identity is not null;

    internal void Become(Identity identity) => _identity = identity;
}

/// <param name="Principal">Opaque id.</param>
/// <param name="KeyId">The API key used; null for a bearer token, and for the server itself.</param>
/// <param name="Role">What the key or token allows by itself.</param>
/// <param name="Purpose">Declared in the <c>Catalog-Purpose</c> header.</param>
/// <param name="Correlation">The trace the request belongs to.</param>
/// <param name="Causation">The request's own id.</param>
internal sealed record Identity(string Principal, string? KeyId, Role Role, Purpose? Purpose, string? Correlation, string? Causation)
{
    /// <summary>Whom the keys are for that the server itself makes.</summary>
    public const string Administrator = "admin";

    /// <summary>Groups that whoever vouches for the caller says it belongs to, by the names that they have there.</summary>
    public IReadOnlyCollection<string> Groups { get; init; } = [];

    /// <summary>When it is over; null where what it came with says so itself: a key.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Declared in the <c>Catalog-Run</c> header: the run that data is read for. Nobody vouches for it.</summary>
    public Guid? Run { get; init; }

    /// <summary>The address it asks from, as <see cref="CallerAddress"/> writes it; null where that is not known.</summary>
    public string? Address { get; init; }

    /// <summary>The server acting on its own: at first start, on restore.</summary>
    public static Identity Server { get; } = new("system", KeyId: null, Role.Admin, Purpose: null, Correlation: null, Causation: null);
}
