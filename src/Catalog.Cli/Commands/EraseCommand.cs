using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog erase</c>: says where a subject's data is, asks, and erases it.</summary>
internal static class EraseCommand
{
    public static Command Create()
    {
        var subject = new Option<string[]>("--subject")
        {
            Description = "A column and its value: a row is the subject's where any of them fits; may be repeated",
            HelpName = "column=value",
            Required = true,
        };
        var within = new Option<string[]>("--within")
        {
            Description = "A namespace, or a dataset as a node, that the search begins in; may be repeated (else everywhere)",
            HelpName = "demo|dataset:demo/flights",
        };
        var reason = new Option<string?>("--reason") { Description = "Why; it is recorded, so it should not name anybody" };
        var dry = new Option<bool>("--dry-run") { Description = "Show what would be erased, and erase nothing" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Erase without asking" };
        return new Command("erase", "Erases a subject's data wherever it is, and leaves a certificate; shows what it finds first, and asks")
        {
            subject, within, reason, dry, yes,
        }.WithConnection().Answers((call, ct) => EraseAsync(
            call, Subject(call.Required(subject)), call.Value(within) is { Length: > 0 } some ? some : null, call.Value(reason),
            call.Value(dry), call.Value(yes), ct));
    }

    private static async Task<int> EraseAsync(
        Call call, IReadOnlyDictionary<string, string> subject, IReadOnlyList<string>? within, string? reason, bool dry, bool yes,
        CancellationToken ct)
    {
        if (!dry && string.IsNullOrWhiteSpace(reason))
            throw new UsageException("Say why with --reason, or only look with --dry-run.");
        var plan = await call.WatchAsync(p => call.Catalog.Erasures.PlanAsync(subject, within, p, ct));
        if (dry && call.Screen.IsJson)
        {
            call.Screen.Json(plan);
            return ExitCodes.Done;
        }

        if (!call.Screen.IsJson)
            ErasureText.Print(call.Screen, plan);
        if (dry)
            return ExitCodes.Done;
        if (!yes && !call.Agrees())
        {
            call.Terminal.Error.WriteLine("Nothing was erased.");
            return ExitCodes.Failed;
        }

        var done = await call.WatchAsync(p => call.Catalog.Erasures.EraseAsync(subject, reason ?? "", within, p, ct));
        ErasureText.Print(call.Screen, done);
        return done.Certificate?.Remains.Failures.Count > 0 ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static Dictionary<string, string> Subject(string[] parts)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            if (part.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var at) || at == part.Length - 1)
                throw new UsageException("--subject takes a column and its value: customer_id=4711.");
            if (!values.TryAdd(part[..at], part[(at + 1)..]))
                throw new UsageException($"The column '{part[..at]}' is given twice: erase one subject at a time.");
        }

        return values;
    }
}

/// <summary><c>catalog erasure …</c>: what was erased, and its certificates.</summary>
internal static class ErasureCommand
{
    public static Command Create() => new Command("erasure", "What was erased, and its certificates") { List(), Show() }.WithConnection();

    private static Command List() => new Command("list", "Lists erasures, the newest first").Does(async (call, ct) =>
    {
        var found = await call.Catalog.Erasures.ListAsync(ct);
        if (call.Screen.IsJson)
        {
            call.Screen.Json(found);
            return;
        }

        call.Screen.Table(
            found,
            new("ERASURE", e => e.Id.ToString("D")),
            new("SUBJECT", e => e.Subject[..16]),
            new("", e => e.Completed ? "done" : "begun: ask for it again to go on"));
    });

    private static Command Show()
    {
        var id = new Argument<Guid>("erasure") { Description = "Its id" };
        return new Command("show", "Shows an erasure and its certificate") { id }.Does(async (call, ct) =>
            ErasureText.Print(call.Screen, await call.Catalog.Erasures.GetAsync(call.Required(id), ct)));
    }
}
