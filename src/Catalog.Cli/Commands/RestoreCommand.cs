using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Server;
using Microsoft.Extensions.Logging;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog restore &lt;file&gt;</c>: makes a catalog out of a backup, where there is none.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The archive that catalog backup wrote" };
        var data = MachineOptions.Data();
        var database = MachineOptions.Database();
        var objects = MachineOptions.Objects();
        var archive = MachineOptions.Archive();
        var binaries = MachineOptions.PostgresBinaries();
        var command = new Command("restore", "Makes a catalog out of a backup, where there is none")
        {
            file, data, database, objects, archive, binaries,
        };
        return command.Does((call, ct) => RunAsync(
            new ServerOptions
            {
                RestoreFrom = call.Required(file),
                DataFolder = call.Value(data),
                Database = call.Value(database) ?? MachineOptions.DatabaseOfEnvironment,
                Objects = call.Value(objects) ?? MachineOptions.ObjectsOfEnvironment,
                Archive = call.Value(archive) ?? MachineOptions.ArchiveOfEnvironment,
                PostgresBin = call.Value(binaries),
                Url = "http://127.0.0.1:0",
            },
            call,
            ct));
    }

    private static async Task RunAsync(ServerOptions options, Call call, CancellationToken ct)
    {
        await using var server = await call.WaitAsync(
            "Restoring", () => CatalogServer.StartAsync(options, logging => ServerLog.ToStandardError(logging, LogLevel.Warning), ct));
        if (server.Restored is not { } backup)
            throw new InvalidOperationException("The server started without restoring.");

        call.Screen.Show(
            new { Data = server.Data.Root, Backup = backup, server.MissingObjects },
            ("data", server.Data.Root),
            ("backup", backup.BackupId.ToString()),
            ("taken", Plain.Time(backup.TakenAt)),
            ("log position", call.Screen.Count(backup.Position)),
            ("missing objects", server.MissingObjects > 0 ? $"{server.MissingObjects}: copy the object store back, then verify" : "none"));
    }
}
