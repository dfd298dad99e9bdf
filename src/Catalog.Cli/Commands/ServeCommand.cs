using System.CommandLine;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog serve</c>: runs the server, with its own PostgreSQL unless told of another.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var data = MachineOptions.Data();
        var database = MachineOptions.Database();
        var listen = MachineOptions.Listen();
        var binaries = MachineOptions.PostgresBinaries();
        var postgresListen = new Option<string?>("--postgres-listen") { Description = "Also open SQL there, for auditors: 127.0.0.1:5433", HelpName = "address:port" };
        var roots = new Option<string[]>("--root") { Description = "Folder whose files may be registered in place; may be given several times", HelpName = "folder" };
        return new Command("serve", "Runs the server until Ctrl-C") { data, database, listen, binaries, postgresListen, roots }.Answers((call, ct) => Machine.ServeAsync(
            new ServeSettings
            {
                DataFolder = call.Value(data),
                Database = call.Value(database),
                Listen = call.Value(listen),
                PostgresBinaries = call.Value(binaries),
                PostgresListen = call.Value(postgresListen),
                Roots = call.Value(roots) ?? [],
            },
            call,
            ct));
    }
}
