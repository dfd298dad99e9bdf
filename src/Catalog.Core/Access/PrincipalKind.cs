namespace Catalog.Access;

/// <summary>What a principal is.</summary>
public enum PrincipalKind
{
    /// <summary>A person, known by an opaque id.</summary>
    User,

    /// <summary>A program.</summary>
    Service,
}
