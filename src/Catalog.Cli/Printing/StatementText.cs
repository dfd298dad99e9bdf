using System.Globalization;
using Catalog.Access;
using Catalog.Access.Policies;

namespace Catalog.Cli.Printing;

/// <summary>Statements of policy in words.</summary>
internal static class StatementText
{
    /// <summary>The fields of a statement, as files name them; those that say nothing are null.</summary>
    public static IReadOnlyList<(string Field, string? Value)> Fields(Statement statement) =>
        [.. Parts(statement).Select(p => (p.Field, p.Words.Count == 0 ? null : string.Join(", ", p.Words)))];

    /// <summary>What is otherwise in one than in the other, field by field.</summary>
    public static IReadOnlyList<ChangedField> Differences(Statement? before, Statement? after)
    {
        var (was, becomes) = (Parts(before), Parts(after));
        return
        [
            .. was.Zip(becomes).Where(p => !p.First.Words.SequenceEqual(p.Second.Words, StringComparer.Ordinal))
                .Select(p => new ChangedField(p.First.Field, p.First.Words, p.Second.Words)),
        ];
    }

    /// <summary>Whom, what and what for, in a sentence.</summary>
    public static string Sentence(Statement s) =>
        $"{Verb(s)} {(s.Principals.Contains("*") ? "everybody" : string.Join(", ", s.Principals))}"
        + $"{(s.Actions.Count == 0 ? "" : $", {string.Join(", ", s.Actions)}")}{Where(s)}"
        + $"{(s.Purposes.Count == 0 ? "" : $", for {string.Join(" or ", s.Purposes)}")}{(s.When is null ? "" : $", when {s.When}")}";

    public static string Of(Requirement required) => required switch
    {
        { Purpose: true } => "purpose",
        { ApprovedBy: { } group } => $"{required.Approvals} approvals by {group}",
        _ => $"{required.Approvals} approvals",
    };

    private static string Verb(Statement s) => s.Effect switch
    {
        Effect.Allow => "allows",
        Effect.Deny => "denies",
        Effect.Mask =>
            $"shows {(s.Columns.Count == 0 ? "columns" : string.Join(", ", s.Columns))} as {Masks.Write(s.Mask ?? Mask.Null)} to",
        Effect.Filter => $"leaves rows where {s.Rows} to",
        Effect.Require => $"makes wait for {(s.Requires is { } required ? Of(required) : "nothing")}",
        _ => Effects.Write(s.Effect),
    };

    private static string Where(Statement s)
    {
        var where = s.Resources.Count == 0 || s.Resources.Contains("*") ? "everywhere" : $"in {string.Join(", ", s.Resources)}";
        return s.Tags is null ? $", {where}" : $", {where} with {s.Tags}";
    }

    private static IReadOnlyList<(string Field, IReadOnlyList<string> Words)> Parts(Statement? s) =>
    [
        ("effect", One(s is null ? null : Effects.Write(s.Effect))),
        ("principals", s?.Principals ?? []),
        ("actions", s?.Actions ?? []),
        ("resources", s?.Resources ?? []),
        ("tags", One(s?.Tags)),
        ("purposes", s?.Purposes ?? []),
        ("when", One(s?.When)),
        ("notBefore", One(Time(s?.NotBefore))),
        ("expires", One(Time(s?.Expires))),
        ("columns", s?.Columns ?? []),
        ("mask", One(s?.Mask is { } mask ? Masks.Write(mask) : null)),
        ("rows", One(s?.Rows)),
        ("require", One(s?.Requires is { } required ? Of(required) : null)),
        ("reason", One(s?.Reason)),
    ];

    private static string? Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static IReadOnlyList<string> One(string? word) => word is null ? [] : [word];
}

/// <summary>A field that says something else.</summary>
/// <param name="Field">As files name it.</param>
/// <param name="From">Words before.</param>
/// <param name="To">Words after.</param>
internal sealed record ChangedField(string Field, IReadOnlyList<string> From, IReadOnlyList<string> To)
{
    /// <summary>One word became another, or some came and some went.</summary>
    public string InWords => (From, To) switch
    {
        ([var from], [var to]) => $"{from} → {to}",
        _ => string.Join("; ", Lists()),
    };

    private IEnumerable<string> Lists()
    {
        var (come, gone) = (To.Except(From, StringComparer.Ordinal).ToList(), From.Except(To, StringComparer.Ordinal).ToList());
        if (come.Count > 0)
            yield return $"+ {string.Join(", ", come)}";
        if (gone.Count > 0)
            yield return $"- {string.Join(", ", gone)}";
    }
}
