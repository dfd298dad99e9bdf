using Catalog.Access;
using Catalog.Access.Groups;
using Catalog.Access.Principals;
using Catalog.Auditing;
using Catalog.Changes;
using Catalog.Columns;
using Catalog.Datasets;
using Catalog.Erasure;
using Catalog.Features;
using Catalog.Garbage;
using Catalog.Jobs;
using Catalog.Lineage;
using Catalog.Manifests;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Backups;
using Catalog.Platform.Log;
using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.PolicyProjections;
using Catalog.Predictions;
using Catalog.Retention;
using Catalog.Search;
using Catalog.Serving;
using Catalog.Sharing;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.Tiering;
using Catalog.TrainingSets;
using Catalog.Usage;
using FluentValidation;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog;

/// <summary>The product, to be put into a host: its services and its routes.</summary>
public static class CatalogServices
{
    /// <summary>
    /// Registers everything but the object store's place, the graph snapshot's, the allowed roots and how addresses are made, which the
    /// host knows.
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
        services.AddSingleton<Turns>();
        services.AddSingleton<CommitLanes>();
        services.AddHostedSingleton<ProjectionLeader>();
        services.AddSingleton<ProjectionProgress>();
        services.AddSingleton<Standstill>();
        services.AddScoped<WritePath>();

        services.AddScoped<Caller>();
        AccessModule.AddTo(services);
        services.AddScoped<Sight>();
        services.AddHostedService<SightKeeper>();
        GroupsModule.AddTo(services);
        PrincipalsModule.AddTo(services);
        services.AddSingleton(provider =>
        {
            var states = provider.GetRequiredService<States>();
            return new KeyRing(
                (keyId, ct) => states.LoadAsync<ApiKey>(ApiKey.StreamId(keyId), ct), provider.GetRequiredService<PrincipalStandings>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetService<KeyOptions>()?.Outlive);
        });
        services.AddHostedService<KnownKeys>();
        services.AddSingleton<CallerStanding>();

        services.AddSingleton<ContentStore>();
        services.AddSingleton<FolderListing>();
        services.AddSingleton<FileHasher>();
        services.AddSingleton<Footers>();
        services.AddSingleton<ManifestStore>();
        services.AddSingleton<FileBytes>();
        services.AddSingleton<FileGrants>();
        services.AddSingleton<AppendTurns>();
        services.AddScoped<Intake>();
        services.AddScoped<UploadedObjects>();
        services.AddScoped<Verifier>();
        services.AddScoped<VersionLookup>();
        services.AddSingleton<LogSignal>();
        services.AddSingleton<LogClock>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<LiveLog>();
        FeaturesModule.AddTo(services);
        services.AddScoped<RecordEpoch>();
        services.AddColumns();
        PolicyProjectionsModule.AddTo(services);
        TrainingSetsModule.AddTo(services);
        ServingModule.AddTo(services);
        PredictionsModule.AddTo(services);
        services.AddSharing();
        LineageModule.AddTo(services);
        services.AddSingleton<SearchIndex>();
        services.AddSingleton<Inventory>();
        services.AddSingleton<UnusedObjects>();
        services.AddSingleton<StoreMarks>();
        UsageModule.AddTo(services);
        TieringModule.AddTo(services);
        RetentionModule.AddTo(services);
        ErasureModule.AddTo(services);
        services.AddSingleton<BackupWriter>();
        services.AddSingleton<BackupReader>();
        return services;
    }

    /// <summary>Maps every route of our own API.</summary>
    public static void MapCatalog(this IEndpointRouteBuilder routes)
    {
        DatasetsModule.Map(routes);
        ManifestsModule.Map(routes);
        ColumnsModule.Map(routes);
        JobsModule.Map(routes);
        ModelsModule.Map(routes);
        FeaturesModule.Map(routes);
        TrainingSetsModule.Map(routes);
        ServingModule.Map(routes);
        PredictionsModule.Map(routes);
        LineageModule.Map(routes);
        ReadChanges.Map(routes);
        SearchCatalog.Map(routes);
        UsageModule.Map(routes);
        TieringModule.Map(routes);
        RetentionModule.Map(routes);
        ErasureModule.Map(routes);
        CollectGarbage.Map(routes);
        AccessModule.Map(routes);
        TakeBackup.Map(routes);
    }
}
