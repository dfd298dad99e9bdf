using System.CommandLine;
using Catalog.Cli.Printing;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog doctor</c>: looks at this machine and says what would keep a server from running. Changes nothing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var data = MachineOptions.Data();
        var database = MachineOptions.Database();
        var objects = MachineOptions.Objects();
        var binaries = MachineOptions.PostgresBinaries();
        var command = new Command("doctor", "Looks for what would keep a server from running here") { data, database, objects, binaries };
        return command.Answers(async (call, ct) =>
        {
            var checkup = new Checkup(
                call.Value(data),
                call.Value(database) ?? MachineOptions.DatabaseOfEnvironment,
                call.Value(objects) ?? MachineOptions.ObjectsOfEnvironment,
                call.Value(binaries));
            var findings = await checkup.RunAsync(ct);
            var well = findings.All(f => f.State is not FindingState.Bad);
            if (call.Screen.IsJson)
                call.Screen.Json(new { Well = well, Findings = findings });
            else
                await call.Screen.ListAsync(
                    findings.ToAsyncEnumerable(),
                    limit: null,
                    ct,
                    new("", f => f.State.ToString().ToLowerInvariant()),
                    new("LOOKED AT", f => f.Subject),
                    new("FOUND", f => f.Found),
                    new("WHAT TO DO", f => f.Advice));

            return well ? ExitCodes.Done : ExitCodes.Failed;
        });
    }
}

internal enum FindingState
{
    Good,

    /// <summary>Worth knowing; a server runs all the same.</summary>
    Note,

    /// <summary>Keeps a server from running.</summary>
    Bad,
}

internal sealed record Finding(FindingState State, string Subject, string Found, string? Advice = null);
