using System.CommandLine;
using Catalog.Cli.Demo;

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
        listen.DefaultValueFactory = _ => Demonstration.AnyPort;
        var binaries = MachineOptions.PostgresBinaries();
        var exit = new Option<bool>("--exit") { Description = "End when the story is told, instead of leaving the server running until Ctrl-C" };
        return new Command("demo", "Shows what a catalog is for: data, versions, training runs, models and their lineage") { data, listen, binaries, exit }
            .Answers((call, ct) => Demonstration.RunAsync(
                new DemoSettings
                {
                    DataFolder = call.Value(data),
                    Listen = call.Value(listen),
                    PostgresBinaries = call.Value(binaries),
                    Exit = call.Value(exit),
                },
                call,
                ct));
    }
}
