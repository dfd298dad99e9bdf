using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Sdk;
using Catalog.Tiers;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog tier plan</c>, <c>apply</c> and <c>status</c>.</summary>
internal static class TierPlanVerbs
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Plan()
    {
        var limit = SharedOptions.Limit();
        var command = new Command("plan", "Shows what the policies would move, and bytes and cost before and after") { limit };
        return command.Does(async (call, ct) =>
        {
            var plan = await call.WaitAsync(
                "Planning", () => call.Catalog.Tiers.PlanAsync(Math.Min(call.Value(limit) ?? 100, 1_000), ct));
            if (call.Screen.IsJson)
                call.Screen.Json(plan);
            else
                Print(call.Screen, plan);
        });
    }

    public static Command Apply()
    {
        var detach = new Option<bool>("--detach") { Description = "Do not wait: tier status says how far it is" };
        var command = new Command("apply", "Brings everything where it belongs, in the background; Ctrl-C ends only the waiting")
        {
            detach,
        };
        return command.Does(async (call, ct) =>
        {
            var applied = await call.WaitAsync("Planning", () => call.Catalog.Tiers.ApplyAsync(ct));
            if (call.Value(detach) || applied.Plan is null)
            {
                call.Screen.Show(
                    applied,
                    ("plan", applied.Plan?.ToString() ?? "nothing to do"),
                    ("to move", $"{call.Screen.Count(applied.Objects)} objects, {call.Screen.Bytes(applied.Bytes)}"),
                    ("to hold in caches", $"{call.Screen.Count(applied.Held)} objects"),
                    ("notes", string.Join('\n', applied.Notes)));
                return;
            }

            Print(call.Screen, await call.WatchAsync(p => FollowAsync(call, applied, p, ct)));
        });
    }

    public static Command Status() => new Command("status", "Shows how far the plan is that was applied last").Does(
        async (call, ct) => Print(call.Screen, await call.Catalog.Tiers.ProgressAsync(ct)));

    private static async Task<TierProgress> FollowAsync(
        Call call, AppliedTiers applied, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        while (true)
        {
            var now = await call.Catalog.Tiers.ProgressAsync(ct);
            progress?.Report(new WorkProgress(
                WorkStage.Moving, (int)now.MovedObjects, (int)now.Objects, now.MovedBytes, now.Bytes));
            if (now.Done || now.Plan != applied.Plan)
                return now;
            await Task.Delay(Pause, call.Terminal.Time, ct);
        }
    }

    private static void Print(Screen screen, TierProgress now)
    {
        screen.Show(
            now,
            ("plan", now.Plan?.ToString() ?? "none was applied yet"),
            ("moved", now.Objects == 0 ? null : Of(screen.Count(now.MovedObjects), screen.Count(now.Objects)) + " objects, "
                + Of(screen.Bytes(now.MovedBytes), screen.Bytes(now.Bytes))),
            ("given up", now.FailedObjects == 0 ? null
                : $"{screen.Count(now.FailedObjects)} objects: apply again once the cause is mended"),
            ("held in the cache", now.HeldObjects == 0 ? null : Of(screen.Bytes(now.CachedBytes), screen.Bytes(now.HeldBytes))),
            ("failures", string.Join('\n', now.Failures.Select(f => $"{f.Sha256} to {TierWords.Write(f.To)}: {f.Error}"))));
    }

    private static string Money(decimal amount) => UsageCommand.Money(amount);

    private static string Of(string part, string whole) => $"{part} of {whole}";

    private static void Print(Screen screen, TierPlan plan)
    {
        screen.Table(
            plan.Tiers,
            new("TIER", t => TierWords.Write(t.Tier)),
            new("OBJECTS NOW", t => screen.Count(t.ObjectsBefore), Right: true),
            new("BYTES NOW", t => screen.Bytes(t.BytesBefore), Right: true),
            new("OBJECTS AFTER", t => screen.Count(t.ObjectsAfter), Right: true),
            new("BYTES AFTER", t => screen.Bytes(t.BytesAfter), Right: true));
        if (screen.IsForPeople)
            screen.Line("");
        screen.Table(
            plan.Versions,
            new("VERSION", v => v.Node.ToString()),
            new("TIER", v => TierWords.Write(v.Tier)),
            new("BYTES", v => screen.Bytes(v.Bytes), Right: true),
            new("TO MOVE", v => screen.Bytes(v.MovingBytes), Right: true),
            new("BECAUSE", v => v.Reason));
        if (!screen.IsForPeople)
            return;
        screen.Line("");
        if (plan.MoreVersions > 0)
            screen.Line($"… and {Plain.Count(plan.MoreVersions)} more versions.");
        foreach (var move in plan.Moves)
        {
            screen.Line(
                $"{Plain.Count(move.Objects)} objects, {Plain.Bytes(move.Bytes)}, would move from {TierWords.Write(move.From)} "
                + $"to {TierWords.Write(move.To)}.");
        }

        if (plan.Costs is { } costs)
        {
            screen.Line(
                $"Storage a month: {Money(costs.StorageBefore)} {costs.Currency} now, {Money(costs.StorageAfter)} after; "
                + $"reads as in the last 30 days: {Money(costs.ReadsBefore)} now, {Money(costs.ReadsAfter)} after; "
                + $"moving, once: {Money(costs.Moving)}.");
        }
        else
        {
            screen.Line("No prices were declared, so there are no costs: see catalog tier prices --help.");
        }

        if (plan.MissingObjects > 0)
            screen.Line($"{Plain.Count(plan.MissingObjects)} files of versions are in no tier: verify them.");
        foreach (var note in plan.Notes)
            screen.Line(note);
    }
}
