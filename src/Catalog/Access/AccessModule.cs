using Catalog.Access.Groups;
using Catalog.Access.Principals;
using Catalog.Platform;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Catalog.Access;

/// <summary>Keys, groups, principals and identity: what there is to call.</summary>
internal static class AccessModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<StandingPolicies>();
        services.AddHostedSingleton<PolicyFollower>();
        services.AddHostedSingleton<DecisionLog>();
        services.AddScoped<PolicyMoments>();
        services.AddScoped<Makers>();
        services.AddScoped(provider => new Gate(
            provider.GetRequiredService<Caller>(), provider.GetRequiredService<StandingPolicies>(),
            provider.GetRequiredService<DecisionLog>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Gate>>()));
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        PlanPolicies.Map(routes);
        ApplyPolicies.Map(routes);
        ListPolicies.Map(routes);
        ComparePolicies.Map(routes);
        ExplainAccess.Map(routes);
        ApproveAct.Map(routes);
        DeclassifyTag.Map(routes);
        ReportAccess.Map(routes);
        TryPolicies.Map(routes);
        WhoAmI.Map(routes);
        IssueKey.Map(routes);
        ListKeys.Map(routes);
        RevokeKey.Map(routes);
        GroupsModule.Map(routes);
        PrincipalsModule.Map(routes);
    }
}
