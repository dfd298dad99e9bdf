using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Retention;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog retention …</c>: how long versions are kept, and what is held.</summary>
internal static class RetentionCommand
{
    public static Command Create() => new Command("retention", "How long versions are kept, and legal holds; only administrators may")
    {
        Set(), Unset(), List(), Hold(), Release(), Expire(),
    }.WithConnection();

    private static Command Set()
    {
        var dataset = NodeArgument.Dataset();
        var days = new Option<int?>("--days")
        {
            Description = "So many days after the next version was made, a version is due",
            Required = true,
        }.Between(1, RetentionPolicy.MaxDays);
        var keep = new Option<int?>("--keep-latest")
        {
            Description = "So many of the newest versions are never due; 1 unless told",
        }.AtLeast(1);
        return new Command("set", "Declares how long a dataset's versions are kept: nothing goes yet") { dataset, days, keep }
            .Does(async (call, ct) =>
            {
                var policy = new RetentionPolicy(call.Value(days) ?? 1, call.Value(keep) ?? 1);
                call.Screen.Receipt(
                    await call.Catalog.Retention.DeclareAsync(QualifiedName.Of(call.Required(dataset)), policy, ct), "retention set");
            });
    }

    private static Command Unset()
    {
        var dataset = NodeArgument.Dataset();
        return new Command("unset", "Keeps all versions of a dataset") { dataset }.Does(async (call, ct) => call.Screen.Receipt(
            await call.Catalog.Retention.WithdrawAsync(QualifiedName.Of(call.Required(dataset)), ct), "all versions are kept"));
    }

    private static Command List() => new Command("list", "Shows how long datasets keep their versions, and what is held").Does(
        async (call, ct) =>
        {
            var found = await call.Catalog.Retention.ListAsync(ct);
            if (call.Screen.IsJson)
            {
                call.Screen.Json(found);
                return;
            }

            call.Screen.Table(
                found,
                new("DATASET", d => d.Node.ToString()),
                new("DAYS", d => Plain.Bare(d.Retention?.Days), Right: true),
                new("KEEP LATEST", d => Plain.Bare(d.Retention?.KeepLatest), Right: true),
                new("HOLDS", d => string.Join(", ", d.Holds.Keys)));
        });

    private static Command Hold()
    {
        var (dataset, hold, reason) = (NodeArgument.Dataset(), HoldName(), Reason());
        return new Command("hold", "Places a legal hold: no version of the dataset expires or is erased while it is there")
        {
            dataset, hold, reason,
        }.Does(async (call, ct) => call.Screen.Receipt(
            await call.Catalog.Retention.HoldAsync(
                QualifiedName.Of(call.Required(dataset)), call.Required(hold), call.Required(reason), ct),
            "held"));
    }

    private static Command Release()
    {
        var (dataset, hold, reason) = (NodeArgument.Dataset(), HoldName(), Reason());
        return new Command("release", "Releases a legal hold") { dataset, hold, reason }.Does(async (call, ct) => call.Screen.Receipt(
            await call.Catalog.Retention.ReleaseAsync(
                QualifiedName.Of(call.Required(dataset)), call.Required(hold), call.Required(reason), ct),
            "released"));
    }

    private static Command Expire()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would go" };
        return new Command("expire", "Removes the versions whose time is over; 'catalog gc' then frees their bytes") { dryRun }.Does(
            async (call, ct) =>
            {
                var screen = call.Screen;
                var done = await call.WaitAsync("Looking", () => call.Catalog.Retention.ExpireAsync(call.Value(dryRun), ct));
                if (screen.IsJson)
                {
                    screen.Json(done);
                    return;
                }

                if (done.Versions.Count > 0)
                {
                    screen.Table(
                        done.Versions,
                        new("VERSION", v => v.Node.ToString()),
                        new("BYTES", v => screen.Bytes(v.Bytes), Right: true),
                        new("SUPERSEDED", v => Plain.Time(v.SupersededAt)));
                }

                foreach (var held in done.Held)
                    screen.Line($"{held.Node} keeps {Plain.Count(held.Versions)} versions: held by {string.Join(", ", held.Holds)}");
                if (screen.IsForPeople)
                    screen.Line($"{(done.DryRun ? "Would remove" : "Removed")} {Plain.Count(done.Versions.Count)} versions.");
            });
    }

    private static Argument<string> HoldName() => new Argument<string>("hold") { Description = "The hold's name: of a case" }.NotEmpty();

    private static Option<string> Reason() => new("--reason") { Description = "Why; it is recorded", Required = true };
}
