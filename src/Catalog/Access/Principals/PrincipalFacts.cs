using Catalog.Platform.Writes;

namespace Catalog.Access.Principals;

internal static class PrincipalFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<Principal, PrincipalRegistered>("principal_registered")
        .Fact<Principal, PrincipalAttributesSet>("principal_attributes_set")
        .Fact<Principal, PrincipalDisabled>("principal_disabled")
        .Fact<Principal, PrincipalEnabled>("principal_enabled");
}
