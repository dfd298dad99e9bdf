using Catalog.Access.Groups;
using Catalog.Platform;
using FluentValidation;

namespace Catalog.Access;

/// <summary>
/// What an id of a principal may be: a name without characters that mean something in ids of nodes would be too narrow, since ids come from
/// elsewhere; but it cannot be taken for a group.
/// </summary>
internal static class PrincipalIds
{
    /// <summary>What is wrong with an id, as a sentence without its subject; null when it may be used.</summary>
    public static string? Wrong(string id) =>
        Names.Check(id) is { } wrong ? $"{wrong}."
        : id.Length > Limits.Principal ? $"must have at most {Limits.Principal} characters, not {id.Length}."
        : GroupNames.IsGroup(id) ? $"must not begin with '{GroupNames.Prefix}': that would be a group."
        : null;

    public static IRuleBuilderOptionsConditions<T, string?> IsPrincipalId<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Custom((value, context) =>
        {
            if (Wrong(value ?? "") is { } wrong)
                context.AddFailure(wrong);
        });
}
