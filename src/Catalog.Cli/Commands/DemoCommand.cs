using System.CommandLine;
using Catalog.Cli.Demo;
using Catalog.Server;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog demo</c>: the whole story on real data, against a server of its own.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var data = MachineOptions.Data();
        data.Description = "Data folder of the demo's own server (else one in your data home, beside the catalog's)";
        var listen = MachineOptions.Listen();
        listen.Description = "Address to listen on (else a free port of this machine, so that it may run beside other servers)";
        listen.DefaultValueFactory = _ => new Uri("http://127.0.0.1:0");
        var binaries = MachineOptions.PostgresBinaries();
        var exit = new Option<bool>("--exit")
        {
            Description = "End when the story is told, instead of leaving the server running until Ctrl-C",
        };
        var command = new Command("demo", "Shows what a catalog is for: data, versions, training runs, models and their lineage")
        {
            data, listen, binaries, exit,
        };
        return command.Does((call, ct) => Demonstration.RunAsync(
            new ServerOptions
            {
                DataFolder = call.Value(data),
                Url = call.Required(listen).OriginalString,
                PostgresBin = call.Value(binaries),
            },
            call.Value(exit),
            call,
            ct));
    }
}
