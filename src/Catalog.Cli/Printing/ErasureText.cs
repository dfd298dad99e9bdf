using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>Prints what erasing would do, and what was erased.</summary>
internal static class ErasureText
{
    public static void Print(Screen screen, ErasurePlan plan)
    {
        if (plan.Versions.Count > 0)
        {
            screen.Table(
                plan.Versions,
                new("VERSION", v => v.Node.ToString()),
                new("ROWS", v => Plain.Count(v.Rows), Right: true),
                new("FILES", v => Plain.Count(v.Files), Right: true),
                new("", v => v.TrainingSet ? "made again" : "written again"));
        }

        screen.Show(
            plan,
            [
            ("objects", $"{Plain.Count(plan.Objects)} ({Plain.Bytes(plan.Bytes)}) in {string.Join(", ", plan.Tiers)}"),
            .. Nodes("generation", plan.Generations),
            .. Nodes("feature view", plan.FeatureViews),
            .. Nodes("deployment", plan.Deployments),
            ("pushed rows", Many(plan.PushedRows)),
            ("predictions", Many(plan.Predictions)),
            ("events", Many(plan.Bodies)),
            ("profiles", plan.Profiles.Count > 0 ? string.Join(", ", plan.Profiles) : null),
            .. Remains(plan.Remains),
            ]);
    }

    public static void Print(Screen screen, ErasureRecord erasure)
    {
        if (screen.IsJson)
        {
            screen.Json(erasure);
            return;
        }

        var done = erasure.Certificate;
        if (done is { Versions.Count: > 0 })
        {
            screen.Table(
                done.Versions,
                new("ERASED", v => v.Node.ToString()),
                new("SUCCESSOR", v => v.Successor?.ToString() ?? ""),
                new("CONTENT HASH", v => v.SuccessorContentHash ?? ""));
        }

        screen.Show(
            erasure,
            [
            ("erasure", erasure.Id.ToString("D")),
            ("subject", $"{erasure.Subject} ({string.Join(", ", erasure.Columns)})"),
            ("reason", erasure.Reason),
            ("begun", $"{Plain.Time(erasure.BegunAt)} by {erasure.BegunBy}"),
            ("done", erasure.CompletedAt is { } at ? $"{Plain.Time(at)}, at position {erasure.Position}" : "no: ask for it again to go on"),
            ("certificate", erasure.CertificateHash),
            ("objects", done is null ? null : $"{Plain.Count(done.Objects)} ({Plain.Bytes(done.Bytes)})"),
            .. Nodes("generation", done?.Generations ?? []),
            ("pushed rows", Many(done?.PushedRows)),
            ("predictions", Many(done?.Predictions)),
            ("events", Many(done?.Bodies)),
            ("profiles", Many(done?.Profiles)),
            .. done is null ? [] : Remains(done.Remains),
            ]);
    }

    private static IEnumerable<(string, string?)> Remains(ErasureRemains left) =>
    [
        .. Nodes("held", left.Held),
        .. Nodes("model", left.Models, "learnt of it: train it anew"),
        .. Nodes("made of it", left.Derived, "has no column that tells whose it is"),
        .. Nodes("not searched", left.Unsearched, "has files that are no tables"),
        .. left.InPlace.Select(f => ("not ours", (string?)$"{f}: remove the rows there")),
        .. left.Shared.Select(f => ("kept", (string?)$"{f}: another version has it")),
        .. left.Failures.Select(f => ("not done", (string?)f)),
    ];

    private static IEnumerable<(string, string?)> Nodes(string label, IReadOnlyList<NodeId> nodes, string? why = null) =>
        nodes.Select(n => (label, (string?)(why is null ? n.ToString() : $"{n} ({why})")));

    private static string? Many(long? count) => count > 0 ? Plain.Count(count.Value) : null;
}
