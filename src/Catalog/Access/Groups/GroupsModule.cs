using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Access.Groups;

/// <summary>Groups of principals: what there is to call.</summary>
internal static class GroupsModule
{
    public static void AddTo(IServiceCollection services) => services.AddSingleton<GroupReads>();

    public static void Map(IEndpointRouteBuilder routes)
    {
        CreateGroup.Map(routes);
        AddGroupMember.Map(routes);
        RemoveGroupMember.Map(routes);
        DissolveGroup.Map(routes);
        ShowGroup.Map(routes);
        ListGroups.Map(routes);
    }
}
