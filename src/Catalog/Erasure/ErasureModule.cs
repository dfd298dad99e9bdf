using Catalog.Platform;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Erasure;

/// <summary>Erasing the data of subjects: what there is to call.</summary>
internal static class ErasureModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddScoped<SubjectFiles>();
        services.AddScoped<SubjectNames>();
        services.AddScoped<SubjectSearch>();
        services.AddScoped<LooseData>();
        services.AddScoped<Successors>();
        services.AddScoped<ErasedInputs>();
        services.AddScoped<ErasedGenerations>();
        services.AddScoped<ErasureWork>();
        services.AddHostedSingleton<ErasedCopies>();
    }

    public static void AddTo(StoreOptions options) => ErasureTable.AddTo(options);

    public static void Map(IEndpointRouteBuilder routes)
    {
        PlanErasure.Map(routes);
        EraseSubject.Map(routes);
        ShowErasure.Map(routes);
        ListErasures.Map(routes);
    }
}
