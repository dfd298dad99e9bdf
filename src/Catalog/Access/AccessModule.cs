using Catalog.Access.Groups;
using Catalog.Access.Principals;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>Keys, groups, principals and identity: what there is to call.</summary>
internal static class AccessModule
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        WhoAmI.Map(routes);
        IssueKey.Map(routes);
        ListKeys.Map(routes);
        RevokeKey.Map(routes);
        GroupsModule.Map(routes);
        PrincipalsModule.Map(routes);
    }
}
