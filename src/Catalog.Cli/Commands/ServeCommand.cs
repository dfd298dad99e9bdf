using System.CommandLine;
using Catalog.Sdk;
using Catalog.Server;
using Microsoft.Extensions.Logging;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog serve</c>: runs the server, with its own PostgreSQL unless told of another.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var data = MachineOptions.Data();
        var database = MachineOptions.Database();
        var objects = MachineOptions.Objects();
        var listen = MachineOptions.Listen();
        var binaries = MachineOptions.PostgresBinaries();
        var postgresListen = new Option<string?>("--postgres-listen")
        {
            Description = "Also open SQL there, for auditors: 127.0.0.1:5433",
            HelpName = "address:port",
        };
        var roots = new Option<string[]>("--root")
        {
            Description = "Folder whose files may be registered in place; may be given several times",
            HelpName = "folder",
        };
        var flight = new Option<string?>("--flight", "--grpc")
        {
            Description = "Also serve Arrow Flight and features over gRPC there: http://127.0.0.1:4871, or https:// with a certificate",
            HelpName = "url",
        };
        var certificate = new Option<string?>("--flight-certificate")
        {
            Description = "Certificate of Flight's address: PEM, or PKCS #12 without a password",
            HelpName = "file",
        };
        var key = new Option<string?>("--flight-key")
        {
            Description = "Private key of the certificate, as PEM, where it is not in the same file",
            HelpName = "file",
        };
        var serving = new ServingOptions();
        var tokens = new TokenOptions();
        var cache = new Option<int?>("--cache-gib")
        {
            Description = "Keep so many GiB of the bucket's objects in the data folder, to read them from there the next time",
            HelpName = "size",
        }.AtLeast(1);
        var join = new Option<int?>("--join-memory-mib")
        {
            Description = "How many MiB of memory making a training set may take, about (1024 unless told)",
            HelpName = "size",
        }.AtLeast(16);
        var archive = MachineOptions.Archive();
        var redis = MachineOptions.Redis();
        var publicUrl = MachineOptions.PublicUrl();
        var urlMinutes = new Option<int?>("--url-minutes")
        {
            Description = "How long signed addresses of files are good unless their asker says (15 unless told)",
            HelpName = "minutes",
        }.Between(1, 7 * 24 * 60);
        var openMetrics = new Option<bool>("--metrics-open")
        {
            Description = "Answer /metrics without a key, too: it names services, views, and how much they are asked for",
        };
        var newKey = new Option<bool>("--new-admin-key") { Description = "Issue another admin key, for when the first was lost" };
        var quiet = new Option<bool>("--quiet") { Description = "Log warnings and errors only" };
        var command = new Command("serve", "Runs the server until Ctrl-C")
        {
            data, database, objects, cache, archive, redis, join, listen, binaries, postgresListen, flight, certificate, key,
            publicUrl, urlMinutes, roots, openMetrics, newKey, quiet,
        };
        serving.AddTo(command);
        tokens.AddTo(command);
        return command.Does((call, ct) => RunAsync(
            serving.Of(call, new ServerOptions
            {
                DataFolder = call.Value(data),
                Database = call.Value(database) ?? MachineOptions.DatabaseOfEnvironment,
                CacheBytes = call.Value(cache) is { } gib ? gib * (1L << 30) : null,
                Objects = call.Value(objects) ?? MachineOptions.ObjectsOfEnvironment,
                Archive = call.Value(archive) ?? MachineOptions.ArchiveOfEnvironment,
                Redis = call.Value(redis) ?? MachineOptions.RedisOfEnvironment,
                JoinBytes = call.Value(join) is { } mib ? mib * (1L << 20) : null,
                Url = call.Required(listen).OriginalString,
                PostgresBin = call.Value(binaries),
                PostgresListen = call.Value(postgresListen),
                FlightUrl = call.Value(flight),
                FlightCertificate = call.Value(certificate),
                FlightKey = call.Value(key),
                PublicUrl = call.Value(publicUrl),
                UrlLifetime = call.Value(urlMinutes) is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
                Roots = call.Value(roots) ?? [],
                OpenMetrics = call.Value(openMetrics),
                NewAdminKey = call.Value(newKey),
                Oidc = tokens.Of(call),
            }),
            call,
            call.Value(quiet) ? LogLevel.Warning : LogLevel.Information,
            ct));
    }

    private static async Task RunAsync(ServerOptions options, Call call, LogLevel level, CancellationToken ct)
    {
        await using var server = await CatalogServer.StartAsync(options, logging => ServerLog.ToStandardError(logging, level), ct);
        var key = LocalCatalog.AdminKeyFile(server.Data.Root);
        call.Screen.Show(
            new
            {
                Url = server.Address,
                Flight = server.FlightAddress,
                Redis = server.RespAddress,
                Data = server.Data.Root,
                AdminKey = key,
                Sql = server.Postgres?.AuditorConnectionString,
                Environment.ProcessId,
            },
            ("listening on", server.Address.ToString()),
            ("arrow flight on", server.FlightAddress?.ToString()),
            ("redis protocol on", server.RespAddress?.ToString()),
            ("reference", new Uri(server.Address, "/docs").ToString()),
            ("data", server.Data.Root),
            ("admin key", key),
            ("sql for auditors", server.Postgres?.AuditorConnectionString));
        await server.WaitForShutdownAsync(ct);
    }
}
