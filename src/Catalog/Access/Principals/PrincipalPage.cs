using System.Collections.Immutable;
using Catalog.Platform.Store;
using JasperFx.Events;

namespace Catalog.Access.Principals;

/// <summary>A registered principal as an administrator sees it now, without its profile.</summary>
public sealed record PrincipalPage : IPage<PrincipalPage>
{
    public required string Id { get; init; }

    /// <summary>As keys and tokens name it.</summary>
    public required string Principal { get; init; }

    public required PrincipalKind Kind { get; init; }

    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = Principals.Principal.Sorted([]);

    public bool Disabled { get; init; }

    public DateTimeOffset RegisteredAt { get; init; }

    public string? RegisteredBy { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public long StreamVersion { get; init; }

    public static PrincipalPage? Fold(PrincipalPage? page, IEvent fact)
    {
        var next = (page, fact.Data) switch
        {
            (null, PrincipalRegistered f) => new PrincipalPage
            {
                Id = Principals.Principal.StreamId(f.Id),
                Principal = f.Id,
                Kind = f.Kind,
                Attributes = Principals.Principal.Sorted(f.Attributes),
                RegisteredAt = fact.Timestamp,
                RegisteredBy = fact.UserName,
            },
            (null, _) => null,
            (_, PrincipalAttributesSet f) => page with { Attributes = Principals.Principal.Sorted(f.Attributes) },
            (_, PrincipalDisabled) => page with { Disabled = true },
            (_, PrincipalEnabled) => page with { Disabled = false },
            _ => page,
        };
        return next is null ? null : next with { UpdatedAt = fact.Timestamp, StreamVersion = fact.Version };
    }
}
