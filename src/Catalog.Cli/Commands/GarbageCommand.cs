using System.CommandLine;
using Catalog.Cli.Printing;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog gc</c>: frees the uploaded bytes that no version has.</summary>
internal static class GarbageCommand
{
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be freed" };
        var grace = new Option<string?>("--grace")
        {
            Description = "How long bytes must have been known to be unused: 24h unless told; 0h takes uploads along that are under way",
            HelpName = "12h|7d",
        };
        var command = new Command("gc", "Frees uploaded bytes that no version has: the first run notes them, a later one frees them")
        {
            dryRun, grace,
        };
        return command.WithConnection().Does(async (call, ct) =>
        {
            var span = call.Value(grace) is { } text ? Spans.Read("--grace", text) : (TimeSpan?)null;
            var found = await call.WaitAsync(
                "Looking", () => call.Catalog.Objects.CollectGarbageAsync(call.Value(dryRun), span, ct));
            var screen = call.Screen;
            if (screen.IsJson)
            {
                screen.Json(found);
                return;
            }

            screen.Table(
                found.Objects,
                new("SHA-256", o => o.Sha256),
                new("BYTES", o => screen.Bytes(o.Bytes), Right: true),
                new("UNUSED SINCE", o => o.Since is { } since ? Plain.Time(since) : "not noted yet"),
                new("", o => o.Freed ? (found.DryRun ? "would be freed" : "freed")
                    : o.FreeFrom is { } from ? $"from {Plain.Time(from)}"
                    : "to be noted first"));
            if (screen.IsForPeople)
            {
                screen.Line(
                    $"{(found.DryRun ? "Would free" : "Freed")} {Plain.Count(found.FreedObjects)} of {Plain.Count(found.UnusedObjects)} "
                    + $"unused objects, {Plain.Bytes(found.FreedBytes)} of {Plain.Bytes(found.UnusedBytes)}.");
            }
        });
    }
}
