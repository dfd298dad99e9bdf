using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Cli.Features;

namespace Catalog.Cli.Policies;

/// <summary>A question to policies, with all that they may look at, and the answer that is right.</summary>
/// <param name="Name">Says what it shows.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Principal">Who asks.</param>
/// <param name="Role">What the key allows by itself.</param>
/// <param name="Act">What is to be done.</param>
/// <param name="Resource">To what; null for the catalog itself.</param>
/// <param name="Purpose">As declared; null for none.</param>
/// <param name="Attributes">Of the principal.</param>
/// <param name="Address">That it is asked from.</param>
/// <param name="Tags">That the resource bears.</param>
/// <param name="Columns">Of the resource, that bear tags of their own.</param>
/// <param name="Approvals">Principals that have approved it.</param>
/// <param name="At">When; null for now.</param>
/// <param name="Expected">The answer.</param>
internal sealed record PolicyTest(
    string Name, FilePlace Place, string Principal, Role Role, Act Act, NodeId? Resource, Purpose? Purpose,
    IReadOnlyDictionary<string, string> Attributes, string? Address, IReadOnlyList<string> Tags, IReadOnlyList<ColumnTags> Columns,
    IReadOnlyList<string> Approvals, DateTimeOffset? At, ExpectedAnswer Expected);

/// <param name="Verdict">Allowed, denied or waiting.</param>
/// <param name="Masks">What is shown of each column; <c>*</c> stands for all others. Null where the test does not ask.</param>
/// <param name="Rows">What rows have to meet. Null where the test does not ask.</param>
internal sealed record ExpectedAnswer(Verdict Verdict, IReadOnlyDictionary<string, Mask>? Masks, IReadOnlyList<string>? Rows);

/// <summary>An answer in one word.</summary>
internal enum Verdict
{
    Allow,
    Deny,
    Wait,
}

internal static class Verdicts
{
    public const string List = "allow, deny, wait";

    public static string Write(Verdict verdict) => verdict.ToString().ToLowerInvariant();

    public static Verdict? Read(string word) =>
        Enum.GetValues<Verdict>().Where(v => Write(v) == word).Select(v => (Verdict?)v).FirstOrDefault();

    public static Verdict Of(AccessGround ground) => ground switch
    {
        AccessGround.Allowed => Verdict.Allow,
        AccessGround.Waits => Verdict.Wait,
        _ => Verdict.Deny,
    };
}
