using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>What the gate answers, in words.</summary>
internal static class AccessText
{
    /// <summary>A question and its answer in one sentence.</summary>
    public static string Sentence(ExplainedAccess answer, Act act, NodeId? node, Purpose? purpose) =>
        $"{answer.Principal} {(answer.Allowed ? "may" : "may not")} {Acts.Write(act)} {node?.ToString() ?? "the catalog"}"
        + $"{(purpose is { } declared ? $" for {Purposes.Write(declared)}" : "")}: {Ground(answer.Ground, answer.Obligations)}";

    /// <summary>An answer in few words.</summary>
    public static string Ground(AccessGround ground, AccessObligations obligations) => ground switch
    {
        AccessGround.Allowed when obligations.IsNone => "allowed",
        AccessGround.Allowed => $"allowed, with {string.Join(", and ", Obligations(obligations))}",
        AccessGround.NothingAllows => "denied, because nothing allows it",
        AccessGround.Forbidden => "denied, because statements forbid it",
        AccessGround.Waits => "denied, because it waits",
        _ => throw new ArgumentOutOfRangeException(nameof(ground), ground, "There is no such ground."),
    };

    /// <summary>What is shown of each column that is masked; all others last.</summary>
    public static IEnumerable<string> OfMasks(AccessObligations obligations) =>
        obligations.Masks.Select(m => $"{m.Column} {(m.Mask == Mask.None ? "as it is" : $"as {Masks.Write(m.Mask)}")}")
            .Concat(obligations.Everywhere == Mask.None ? [] : [Others(obligations)]);

    public static string Of(NearMiss miss) => $"The permission '{miss.Statement}' fails only at {miss.Clause}: {miss.Detail}.";

    /// <summary>Everything that an answer rests on.</summary>
    public static void Print(Screen screen, ExplainedAccess answer, string sentence)
    {
        if (screen.IsJson)
        {
            screen.Json(answer);
            return;
        }

        screen.Line(sentence);
        screen.Show(
            answer,
            ("because", string.Join('\n', answer.Reasons)),
            ("statements", string.Join('\n', answer.Statements.Select(s => $"{s.Id} ({Effects.Write(s.Effect)}): {s.Reason}"))),
            ("masks", string.Join('\n', OfMasks(answer.Obligations))),
            ("rows", string.Join('\n', answer.Obligations.RowFilters)),
            ("near misses", string.Join('\n', answer.NearMisses.Select(Of))),
            ("tags", string.Join(", ", answer.Tags)),
            ("groups", string.Join(", ", answer.Groups)),
            ("role", Roles.Write(answer.Role)),
            ("policies", $"as of position {answer.Position}"));
    }

    private static IEnumerable<string> Obligations(AccessObligations obligations)
    {
        if (obligations.HasMasks)
            yield return string.Join(", ", OfMasks(obligations));
        if (obligations.RowFilters.Count > 0)
            yield return $"only rows where {string.Join(" and ", obligations.RowFilters)}";
    }

    private static string Others(AccessObligations obligations) =>
        $"{(obligations.Masks.Count == 0 ? "all columns" : "all other columns")} as {Masks.Write(obligations.Everywhere)}";
}
