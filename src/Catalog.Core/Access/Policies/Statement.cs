namespace Catalog.Access.Policies;

/// <summary>
/// One sentence of policy, as it was written: who, may or may not do what, to what, what for, when, and why. The order of statements means
/// nothing. Lists hold each entry once, sorted; an empty list stands for any.
/// </summary>
/// <param name="Id">Names it, in this catalog: letters, digits, <c>- _ . /</c>.</param>
/// <param name="Effect">What it does where it applies.</param>
/// <param name="Principals">Ids of principals, <c>group:name</c>, or <c>*</c> for everybody.</param>
/// <param name="Actions">Acts such as <c>read-data</c>, or <c>*</c> for all.</param>
/// <param name="Resources">
/// <c>*</c>, <c>namespace:demo</c>, <c>dataset:*</c>, <c>dataset:demo/*</c>, or a node: what lies below it is meant, too.
/// </param>
/// <param name="Tags">Which tags a resource must bear: <c>pii and not public</c>; null for any.</param>
/// <param name="Purposes">For which of the purposes; none, also for requests without one.</param>
/// <param name="When">A condition: <c>principal.department == 'fraud'</c>; null for always.</param>
/// <param name="NotBefore">From when on; null for ever since.</param>
/// <param name="Expires">Until when, not including; null for ever.</param>
/// <param name="Columns">Of <see cref="Effect.Mask"/>: which columns, by path.</param>
/// <param name="Mask">Of <see cref="Effect.Mask"/>: what is shown instead.</param>
/// <param name="Rows">Of <see cref="Effect.Filter"/>: what rows have to meet.</param>
/// <param name="Requires">Of <see cref="Effect.Require"/>: what has to have happened.</param>
/// <param name="Reason">Why it is there, for people.</param>
public sealed record Statement(
    string Id, Effect Effect, IReadOnlyList<string> Principals, IReadOnlyList<string> Actions, IReadOnlyList<string> Resources,
    string? Tags, IReadOnlyList<string> Purposes, string? When, DateTimeOffset? NotBefore, DateTimeOffset? Expires,
    IReadOnlyList<string> Columns, Mask? Mask, string? Rows, Requirement? Requires, string Reason)
{
    /// <summary>A statement about nobody yet: <c>with</c> says whom it means, what, and what for.</summary>
    /// <param name="id">Names it.</param>
    /// <param name="effect">What it does where it applies.</param>
    /// <param name="reason">Why it is there, for people.</param>
    public static Statement Of(string id, Effect effect, string reason) => new(
        id, effect, [], [], [], Tags: null, [], When: null, NotBefore: null, Expires: null, [], Mask: null, Rows: null, Requires: null,
        reason);

    /// <summary>The same, with its lists in order: each entry once, sorted; and times in UTC.</summary>
    public Statement InOrder() => this with
    {
        Principals = InOrder(Principals),
        Actions = InOrder(Actions),
        Resources = InOrder(Resources),
        Purposes = InOrder(Purposes),
        NotBefore = NotBefore?.ToUniversalTime(),
        Expires = Expires?.ToUniversalTime(),
        Columns = InOrder(Columns),
    };

    /// <summary>Whether two say the same, word for word.</summary>
    public bool Equals(Statement? other) =>
        other is not null && Id == other.Id && Effect == other.Effect && Same(Principals, other.Principals) && Same(Actions, other.Actions)
        && Same(Resources, other.Resources) && Tags == other.Tags && Same(Purposes, other.Purposes) && When == other.When
        && NotBefore == other.NotBefore && Expires == other.Expires && Same(Columns, other.Columns) && Mask == other.Mask
        && Rows == other.Rows && Requires == other.Requires && Reason == other.Reason;

    public override int GetHashCode() => HashCode.Combine(Id, Effect, Reason);

    private static IReadOnlyList<string> InOrder(IReadOnlyList<string> list) =>
        [.. list.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static bool Same(IReadOnlyList<string> a, IReadOnlyList<string> b) => a.SequenceEqual(b, StringComparer.Ordinal);
}

/// <summary>What a <see cref="Effect.Require"/> waits for; one of the two.</summary>
/// <param name="Approvals">So many principals, none of whom asks or made the thing, have approved it; 0 where none is needed.</param>
/// <param name="ApprovedBy">The group they belong to; null for any principal who may approve.</param>
/// <param name="Purpose">A purpose was declared.</param>
public sealed record Requirement(int Approvals, string? ApprovedBy, bool Purpose);
