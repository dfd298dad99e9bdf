using Catalog.Lineage.Exports;
using Catalog.Lineage.Known;
using Catalog.Lineage.Reported;
using Catalog.Lineage.Tables;
using Catalog.Platform;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Lineage;

/// <summary>The questions about lineage, and what answers them.</summary>
internal static class LineageModule
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<GraphSnapshots>();
        services.AddHostedSingleton<GraphFollower>();
        services.AddHostedSingleton<TableKeeper>();
        services.AddSingleton<TableLag>();
        services.AddScoped<FilesInLineage>();
        services.AddScoped<LineageReader>();
        services.AddScoped<LineageTracer>();
        services.AddScoped<LineageSight>();
        services.AddScoped<Owners>();
        services.AddScoped<RunTraitsReader>();
        services.AddScoped<VersionSchemas>();
        services.AddScoped<EdgeWitnesses>();
        services.AddScoped<FileWitnesses>();
        services.AddSingleton<RunRecords>();
        services.AddSingleton<ToldStreams>();
        services.AddScoped<OpenLineageExport>();
        services.AddSingleton<OpenLineageBodies>();
        services.AddSingleton<FacetReader>();
        services.AddSingleton<KnownJobs>();
        services.AddSingleton<KnownRuns>();
        services.AddSingleton<KnownDatasets>();
        services.AddSingleton<KnownNames>();
        services.AddSingleton<ReportedEvents>();
        services.AddSingleton<RunFacets>();
        services.AddSingleton<ReportedThings>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        TraceLineage.Map(routes);
        FindPath.Map(routes);
        AssessImpact.Map(routes);
        CompareLineage.Map(routes);
        ExplainEdge.Map(routes);
        ShowReported.Map(routes);
    }
}
