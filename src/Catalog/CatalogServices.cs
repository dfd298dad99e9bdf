using Catalog.Access;
using Catalog.Datasets;
using Catalog.Jobs;
using Catalog.Lineage;
using Catalog.Lineage.Exports;
using Catalog.Lineage.Known;
using Catalog.Lineage.Reported;
using Catalog.Manifests;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Backups;
using Catalog.Platform.Log;
using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.Search;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using FluentValidation;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Catalog;

/// <summary>The product, to be put into a host: its services and its routes.</summary>
public static class CatalogServices
{
    /// <summary>
    /// Registers everything but the object store's place, the graph snapshot's and the allowed roots, which the host knows.
    /// </summary>
    /// <param name="connectionString">Gives the PostgreSQL connection string when the store is first needed.</param>
    public static IServiceCollection AddCatalog(this IServiceCollection services, Func<IServiceProvider, string> connectionString)
    {
        ValidatorOptions.Global.LanguageManager.Enabled = false;
        services.AddSingleton(provider => new CatalogDatabase(connectionString(provider)));
        services.AddMarten(provider =>
        {
            var options = new StoreOptions();
            CatalogStore.Configure(options, provider.GetRequiredService<CatalogDatabase>(), provider.GetRequiredService<TimeProvider>());
            return options;
        }).UseLightweightSessions();
        services.AddMediation(typeof(CatalogServices).Assembly);

        services.AddSingleton(CatalogStore.Facts);
        services.AddSingleton<States>();
        services.AddSingleton<CommitLanes>();
        services.AddHostedSingleton<ProjectionLeader>();
        services.AddSingleton<ProjectionProgress>();
        services.AddSingleton<Standstill>();
        services.AddScoped<WritePath>();

        services.AddScoped<Caller>();
        services.AddScoped<Gate>();
        services.AddSingleton(provider =>
        {
            var states = provider.GetRequiredService<States>();
            return new KeyRing(
                (keyId, ct) => states.LoadAsync<ApiKey>(ApiKey.StreamId(keyId), ct), provider.GetRequiredService<TimeProvider>());
        });

        services.AddSingleton<ContentStore>();
        services.AddSingleton<FolderListing>();
        services.AddSingleton<FileHasher>();
        services.AddSingleton<Footers>();
        services.AddSingleton<ManifestStore>();
        services.AddSingleton<AppendTurns>();
        services.AddScoped<Intake>();
        services.AddScoped<Verifier>();
        services.AddScoped<VersionLookup>();
        services.AddSingleton<LogSignal>();
        services.AddSingleton<LogClock>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<GraphSnapshots>();
        services.AddHostedSingleton<GraphFollower>();
        services.AddScoped<FilesInLineage>();
        services.AddScoped<LineageReader>();
        services.AddScoped<LineageTracer>();
        services.AddSingleton<EdgeWitnesses>();
        services.AddScoped<FileWitnesses>();
        services.AddSingleton<RunRecords>();
        services.AddSingleton<ToldStreams>();
        services.AddSingleton<OpenLineageExport>();
        services.AddSingleton<OpenLineageBodies>();
        services.AddSingleton<FacetReader>();
        services.AddSingleton<KnownJobs>();
        services.AddSingleton<KnownRuns>();
        services.AddSingleton<KnownDatasets>();
        services.AddSingleton<KnownNames>();
        services.AddSingleton<ReportedEvents>();
        services.AddSingleton<RunFacets>();
        services.AddSingleton<ReportedThings>();
        services.AddSingleton<SearchIndex>();
        services.AddSingleton<BackupWriter>();
        services.AddSingleton<BackupReader>();
        return services;
    }

    /// <summary>Maps every route of our own API.</summary>
    public static void MapCatalog(this IEndpointRouteBuilder routes)
    {
        DatasetsModule.Map(routes);
        ManifestsModule.Map(routes);
        JobsModule.Map(routes);
        ModelsModule.Map(routes);
        LineageModule.Map(routes);
        SearchCatalog.Map(routes);
        AccessModule.Map(routes);
        TakeBackup.Map(routes);
    }

    private static void AddHostedSingleton<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(provider => provider.GetRequiredService<T>());
    }
}
