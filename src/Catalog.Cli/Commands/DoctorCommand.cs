using System.CommandLine;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog doctor</c>: looks at this machine and says what would keep a server from running.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var data = MachineOptions.Data();
        var database = MachineOptions.Database();
        var binaries = MachineOptions.PostgresBinaries();
        return new Command("doctor", "Looks at this machine: PostgreSQL, data folder, server") { data, database, binaries }.Answers((call, ct) => Machine.ExamineAsync(
            new DoctorSettings { DataFolder = call.Value(data), Database = call.Value(database), PostgresBinaries = call.Value(binaries) },
            call,
            ct));
    }
}
