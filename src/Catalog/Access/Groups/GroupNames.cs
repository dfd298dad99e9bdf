using Catalog.Platform;
using FluentValidation;

namespace Catalog.Access.Groups;

/// <summary>How groups are written where principals are written, too: <c>group:analysts</c>, encoded as parts of nodes are.</summary>
internal static class GroupNames
{
    public const string Prefix = "group:";

    /// <summary>Whether a member is a group, and not a principal.</summary>
    public static bool IsGroup(string member) => member.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>An id of a principal, or a group.</summary>
    public static IRuleBuilderOptionsConditions<T, string> IsMember<T>(this IRuleBuilder<T, string> rule) => rule.Custom((value, context) =>
    {
        if (Wrong(value ?? "") is { } wrong)
            context.AddFailure(wrong);
    });

    private static string? Wrong(string member) => IsGroup(member) ? WrongGroup(member[Prefix.Length..]) : PrincipalIds.Wrong(member);

    private static string? WrongGroup(string encoded) =>
        !Names.TryDecode(encoded, out var name, out var problem) ? $"{problem}."
        : Names.Check(name) is { } wrong ? $"{wrong}."
        : Names.Encode(name) != encoded ? $"must be written '{Prefix}{Names.Encode(name)}'."
        : null;
}
