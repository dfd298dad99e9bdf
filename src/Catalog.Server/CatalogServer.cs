using Catalog.Access;
using Catalog.Garbage;
using Catalog.Lineage;
using Catalog.Manifests;
using Catalog.Platform.Backups;
using Catalog.Platform.Http;
using Catalog.Predictions;
using Catalog.Server.Authentication;
using Catalog.Server.Doors.Feast;
using Catalog.Server.Doors.Flight;
using Catalog.Server.Doors.Lookup;
using Catalog.Server.Doors.Marquez;
using Catalog.Server.Doors.OpenLineage;
using Catalog.Server.Doors.Resp;
using Catalog.Server.Hosting;
using Catalog.Server.Http;
using Catalog.Serving;
using Catalog.Serving.Tiers;
using Catalog.Storage.Files;
using Catalog.Storage.Hot.Redis;
using Catalog.Storage.Objects;
using Catalog.TrainingSets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Server;

/// <summary>A running catalog: its PostgreSQL (ours, or one run by others), its object store, and HTTP.</summary>
public sealed class CatalogServer : IAsyncDisposable
{
    private readonly StartedParts _parts;
    private readonly WebApplication _app;

    private CatalogServer(StartedParts parts, WebApplication app, EmbeddedPostgres? postgres, DataFolder data, Uri address) =>
        (_parts, _app, Postgres, Data, Address) = (parts, app, postgres, data, address);

    /// <summary>Where it answers.</summary>
    public Uri Address { get; }

    /// <summary>Where it answers Arrow Flight; null where it does not.</summary>
    public Uri? FlightAddress { get; private init; }

    /// <summary>Where it answers the protocol of Redis; null where it does not.</summary>
    public Uri? RespAddress { get; private init; }

    public DataFolder Data { get; }

    /// <summary>The embedded PostgreSQL; null when it is run by others.</summary>
    public EmbeddedPostgres? Postgres { get; }

    /// <summary>The backup it was filled from at this start; null when it was not.</summary>
    public BackupDescription? Restored { get; private init; }

    /// <summary>Objects of the backup's inventory that the object store does not have.</summary>
    public long MissingObjects { get; private init; }

    /// <summary>The services inside, for tests and offline commands.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts everything and returns once requests are answered.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="logging">Where log lines go; nowhere unless told.</param>
    /// <param name="ct">Gives up the start.</param>
    /// <exception cref="HostingException">It cannot start; one sentence says what to do.</exception>
    /// <exception cref="BackupException">The backup to fill it from cannot be restored.</exception>
    public static async Task<CatalogServer> StartAsync(
        ServerOptions options, Action<ILoggingBuilder>? logging = null, CancellationToken ct = default)
    {
        var addresses = HttpAddress.Parse(options.Url);
        var flight = FlightPlace.Of(options, TimeProvider.System.GetUtcNow());
        if (flight is not null)
            addresses = [.. addresses, flight.Address];
        var resp = RespPlace.Of(options);
        if (resp is not null)
            addresses = [.. addresses, resp.Address];
        if (options.Objects is { } objects)
            ObjectPlace.DemandAddress(objects);
        if (options.Database is { } database)
            ExternalDatabase.DemandConnectionString(database);
        RedisPlace.Demand(options.Redis);
        OidcPlace.Demand(options.Oidc);
        if (options.RestoreFrom is { } backup)
            await BackupReader.CheckAsync(backup, ct);
        var data = DataFolder.Resolve(options.DataFolder);
        data.Create();
        var roots = ResolveRoots(options.Roots, data);
        var parts = new StartedParts();
        try
        {
            return await StartAsync(parts, options, data, roots, addresses, flight, resp, logging, ct);
        }
        catch (Exception e)
        {
            await parts.GiveUpAsync();
            if (Explain(e, data, addresses) is { } explained)
                throw explained;
            throw;
        }
    }

    /// <summary>Returns when the process is asked to end, or <paramref name="ct"/> is cancelled.</summary>
    public Task WaitForShutdownAsync(CancellationToken ct) => _app.WaitForShutdownAsync(ct);

    /// <summary>Lets requests end, then stops PostgreSQL, if it is ours, and gives up the data folder.</summary>
    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    // In this order: whatever can be refused is refused before PostgreSQL is started, and nothing is answered before the catalog is whole.
    private static async Task<CatalogServer> StartAsync(
        StartedParts parts,
        ServerOptions options,
        DataFolder data,
        AllowedRoots roots,
        IReadOnlyList<HttpAddress> addresses,
        FlightPlace? flight,
        RespPlace? resp,
        Action<ILoggingBuilder>? logging,
        CancellationToken ct)
    {
        if (flight is not null)
            parts.Hold(flight);
        var held = parts.Hold(FolderLock.Take(data));
        var objects = parts.Hold(await ObjectPlace.OpenAsync(options, data, ct));
        foreach (var address in addresses)
            address.DemandFree();
        var loggers = parts.Hold(LoggerFactory.Create(logging ?? (_ => { })));
        var postgres = options.Database is null
            ? parts.Add(await StartPostgresAsync(held, options, data, loggers.CreateLogger<EmbeddedPostgres>(), ct))
            : null;

        var redis = await RedisPlace.ConnectAsync(options.Redis);
        if (redis is not null)
            parts.Add(redis);
        var database = options.Database ?? postgres?.ConnectionString ?? "";
        var app = parts.Add(Build(options, data, roots, objects, redis, flight, resp, database, logging));
        await Database.PrepareAsync(app.Services, loggers.CreateLogger<CatalogServer>(), ct);
        var restored = options.RestoreFrom is { } backup
            ? await app.Services.GetRequiredService<BackupReader>().RestoreAsync(backup, ct)
            : default;
        await FirstStart.RunAsync(app.Services, data, options.NewAdminKey, ct);
        await app.Services.GetRequiredService<StoreMarks>().MarkAsync(ct);

        await app.StartAsync(ct);
        parts.OnEnd(() => app.StopAsync(CancellationToken.None));
        var bound = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        var url = new Uri(bound.Addresses.First());
        parts.OnEnd(() => ServerFile.Remove(data));
        await ServerFile.WriteAsync(data, url, ct);
        app.Services.GetRequiredService<Readiness>().Ready();
        return new CatalogServer(parts, app, postgres, data, url)
        {
            FlightAddress = flight is null ? null : new Uri(flight.Address.ToString()),
            RespAddress = resp?.Url,
            Restored = restored.Backup,
            MissingObjects = restored.MissingObjects,
        };
    }

    private static HostingException? Explain(Exception failure, DataFolder data, IReadOnlyList<HttpAddress> addresses) => failure switch
    {
        HostingException or BackupException => null,
        _ when HttpAddress.Explain(addresses, failure) is { } refused => refused,
        ObjectStoreException => new HostingException(HostingException.ObjectsUnusable, failure.Message, failure),
        IOException or UnauthorizedAccessException => data.NotUsable(failure),
        _ => null,
    };

    private static Task<EmbeddedPostgres> StartPostgresAsync(
        FolderLock held, ServerOptions options, DataFolder data, ILogger logger, CancellationToken ct) =>
        EmbeddedPostgres.StartAsync(
            held,
            new EmbeddedPostgresOptions
            {
                DataFolder = data.Root,
                ListenAddress = options.PostgresListen,
                Search = new PostgresSearch { BinFolder = options.PostgresBin },
            },
            logger,
            ct);

    // Files in place can be read by every writer and reader: the folder with the keys must not be among them.
    private static AllowedRoots ResolveRoots(IReadOnlyList<string> folders, DataFolder data)
    {
        try
        {
            var roots = new AllowedRoots(folders.Select(Path.GetFullPath));
            return roots.FindOverlap(data.Root) is { } root
                ? throw new HostingException(
                    HostingException.DataRootInvalid,
                    $"The allowed root '{root}' and the data folder '{data.Root}' lie in each other, so that keys could be read as files: "
                    + "name a folder beside the data folder with --root, or move the data folder with --data.")
                : roots;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new HostingException(HostingException.DataRootInvalid, e.Message.Split(" (Parameter", 2)[0], e);
        }
    }

    private static WebApplication Build(
        ServerOptions options,
        DataFolder data,
        AllowedRoots roots,
        ObjectPlace objects,
        RedisGenerations? redis,
        FlightPlace? flight,
        RespPlace? resp,
        string connectionString,
        Action<ILoggingBuilder>? logging)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ApplicationName = typeof(CatalogServer).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        logging?.Invoke(builder.Logging);

        // Statements that lose a race fail as they should, and are tried again or answered for: an error in the log would alarm
        // for nothing.
        builder.Logging.AddFilter(typeof(Marten.IDocumentStore).FullName, LogLevel.None);
        var ending = new Ending();
        foreach (var daemon in Ending.Daemons)
            builder.Logging.AddFilter(daemon, ending.Lets);
        string?[] urls = [options.Url, flight?.Address.ToString(), resp?.Address.ToString()];
        builder.WebHost.UseUrls(string.Join(';', urls.OfType<string>()));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                flight?.Listen(listen);
                resp?.Listen(listen);
            });
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;

            // Two names of 512 characters, four bytes each, three characters a byte when encoded; and room to answer longer ones with a
            // problem.
            kestrel.Limits.MaxRequestLineSize = 128 * 1024;
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(data);
        builder.Services.AddSingleton(roots);
        objects.AddTo(builder.Services);
        builder.Services.AddSingleton(new UrlOptions(options.UrlLifetime));
        builder.Services.AddSingleton(new TrainingSettings(options.JoinBytes ?? TrainingSettings.DefaultMemoryBytes, data.Spool));
        builder.Services.AddSingleton(new PublicAddress(options.PublicUrl));
        builder.Services.AddSingleton(new GraphSnapshotPlace(data.GraphSnapshot));
        builder.Services.AddSingleton(new HotPlace(data.Hot));
        builder.Services.AddSingleton(options.Tiers ?? new TierOptions());
        builder.Services.AddSingleton(options.Predictions ?? new PredictionOptions());
        builder.Services.AddSingleton(new KeyOptions(options.KeysOutlive));
        builder.Services.AddSingleton(new AdmissionOptions(options.LookupsInFlight));
        if (redis is not null)
            builder.Services.AddRedisTier(redis);
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddCatalog(_ => connectionString);
        builder.Services.AddAuthenticator(options.Oidc);
        builder.Services.AddHttpDoor();
        builder.Services.AddMetrics(new MetricsOptions(options.OpenMetrics), builder.Configuration);
        builder.Services.AddOpenLineage(options.MaxOpenLineageBytes);
        builder.Services.AddMarquez();
        builder.Services.AddFeast();
        builder.Services.AddLookup();
        builder.Services.AddFlight();
        builder.Services.AddResp();

        var app = builder.Build();
        app.Lifetime.ApplicationStopping.Register(ending.Begin);
        app.UseHttpDoor();
        return app;
    }
}
