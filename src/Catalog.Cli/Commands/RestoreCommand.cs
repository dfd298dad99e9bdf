using System.CommandLine;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog restore &lt;file&gt;</c>: makes a catalog out of a backup, where there is none.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The archive that catalog backup wrote" };
        var data = MachineOptions.Data();
        var database = MachineOptions.Database();
        var binaries = MachineOptions.PostgresBinaries();
        return new Command("restore", "Makes a catalog out of a backup, in a data folder that holds none") { file, data, database, binaries }
            .Answers((call, ct) => Machine.RestoreAsync(
                new RestoreSettings
                {
                    Archive = call.Required(file),
                    DataFolder = call.Value(data),
                    Database = call.Value(database),
                    PostgresBinaries = call.Value(binaries),
                },
                call,
                ct));
    }
}
