using Catalog.Access;
using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>Who gained or lost access to a thing; purposes that went the same way are told at once.</summary>
internal static class FlipText
{
    /// <summary>With none declared.</summary>
    private static readonly int s_purposes = Enum.GetValues<Purpose>().Length + 1;

    public static void Print(Screen screen, IReadOnlyList<FlippedAccess> flips)
    {
        foreach (var alike in flips.GroupBy(f => (f.Principal, f.Before, f.After, Because: string.Join(", ", f.Because))))
        {
            var (principal, before, after, because) = alike.Key;
            var purposes = alike.Select(f => f.Purpose).ToList();
            var (was, becomes) = (AccessText.Ground(before.Ground, before.Obligations), AccessText.Ground(after.Ground, after.Obligations));
            if (screen.IsForPeople)
                screen.Line($"{principal} {Words(before, after)}{For(purposes)}: {becomes}; before, {was}{Because(because)}");
            else
                screen.Row(principal, Words(before, after), string.Join(", ", purposes.Select(Word)), was, becomes, because);
        }
    }

    private static string Words(AccessOutcome before, AccessOutcome after) =>
        (before.Ground is AccessGround.Allowed, after.Ground is AccessGround.Allowed) switch
        {
            (false, true) => "gains access",
            (true, false) => "loses access",
            (true, true) => "sees other columns or rows",
            _ => "is denied for another reason",
        };

    private static string For(List<Purpose?> purposes) =>
        purposes.Count == s_purposes ? ", whatever the purpose" : $", for {string.Join(", ", purposes.Select(Word))}";

    private static string Word(Purpose? purpose) => purpose is { } declared ? Purposes.Write(declared) : "no declared purpose";

    private static string Because(string statements) => statements.Length == 0 ? "" : $" ({statements})";
}
