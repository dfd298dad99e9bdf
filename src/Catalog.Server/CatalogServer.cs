using System.Text.Json;
using Catalog.Platform;
using Catalog.Platform.Backups;
using Catalog.Server.Doors.OpenLineage;
using Catalog.Server.Hosting;
using Catalog.Server.Http;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Server;

/// <summary>A running catalog: its PostgreSQL (ours, or one run by others), its object store, and HTTP.</summary>
public sealed class CatalogServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EmbeddedPostgres? _postgres;

    private CatalogServer(WebApplication app, EmbeddedPostgres? postgres, DataFolder data, Uri address) =>
        (_app, _postgres, Data, Address) = (app, postgres, data, address);

    /// <summary>Where it answers.</summary>
    public Uri Address { get; }

    public DataFolder Data { get; }

    /// <summary>The embedded PostgreSQL; null when it is run by others.</summary>
    public EmbeddedPostgres? Postgres => _postgres;

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
    public static async Task<CatalogServer> StartAsync(ServerOptions options, Action<ILoggingBuilder>? logging = null, CancellationToken ct = default)
    {
        var data = DataFolder.Resolve(options.DataFolder);
        data.Create();
        var roots = ResolveRoots(options.Roots);
        using var loggers = LoggerFactory.Create(logging ?? (_ => { }));
        var postgres = options.Database is null ? await StartPostgresAsync(options, data, loggers.CreateLogger<EmbeddedPostgres>(), ct) : null;
        WebApplication? app = null;
        try
        {
            app = Build(options, data, roots, options.Database ?? postgres?.ConnectionString ?? "", logging);
            await Database.PrepareAsync(app.Services, ct);
            var restored = options.RestoreFrom is { } backup ? await app.Services.GetRequiredService<BackupReader>().RestoreAsync(backup, ct) : default;
            await app.StartAsync(ct);
            await FirstStart.RunAsync(app.Services, data, options.NewAdminKey || options.RestoreFrom is not null, ct);
            if (restored.Backup is not null)
                await Restoration.RecordAsync(app.Services, restored.Backup, restored.MissingObjects, ct);
            var address = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
            await ServerFile.WriteAsync(data, address, ct);
            app.Services.GetRequiredService<Readiness>().Ready();
            return new CatalogServer(app, postgres, data, address) { Restored = restored.Backup, MissingObjects = restored.MissingObjects };
        }
        catch
        {
            if (app is not null)
                await app.DisposeAsync();
            if (postgres is not null)
                await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the process is asked to end, or <paramref name="ct"/> is cancelled.</summary>
    public Task WaitForShutdownAsync(CancellationToken ct) => _app.WaitForShutdownAsync(ct);

    /// <summary>Lets requests end, then stops PostgreSQL, if it is ours.</summary>
    public async ValueTask DisposeAsync()
    {
        ServerFile.Remove(Data);
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }

    private static Task<EmbeddedPostgres> StartPostgresAsync(ServerOptions options, DataFolder data, ILogger logger, CancellationToken ct) =>
        EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions
            {
                DataFolder = data.Root,
                ListenAddress = options.PostgresListen,
                Search = new PostgresSearch { BinFolder = options.PostgresBin },
            },
            logger,
            ct);

    private static AllowedRoots ResolveRoots(IReadOnlyList<string> roots)
    {
        try
        {
            return new AllowedRoots(roots.Select(Path.GetFullPath));
        }
        catch (ArgumentException e)
        {
            throw new HostingException("data.root_invalid", e.Message.Split(" (Parameter", 2)[0], e);
        }
    }

    private static WebApplication Build(ServerOptions options, DataFolder data, AllowedRoots roots, string connectionString, Action<ILoggingBuilder>? logging)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(CatalogServer).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        logging?.Invoke(builder.Logging);
        builder.WebHost.UseUrls(options.Url);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;

            // Two names of 512 characters, four bytes each, three characters a byte when encoded; and room to answer longer ones with a problem.
            kestrel.Limits.MaxRequestLineSize = 128 * 1024;
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(data);
        builder.Services.AddSingleton(roots);
        builder.Services.AddSingleton(_ => LocalObjects.Open(data.Objects));
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddCatalog(_ => connectionString);
        builder.Services.AddHttpDoor();
        builder.Services.AddOpenLineage(options.MaxOpenLineageBytes);

        var app = builder.Build();
        app.UseHttpDoor();
        return app;
    }
}
