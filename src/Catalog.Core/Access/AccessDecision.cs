namespace Catalog.Access;

/// <summary>
/// A question to the gate: who wants to do what, to which node (none for catalog-wide acts), what for, and the tags that node bears, as
/// far as whoever asks knows them.
/// </summary>
public readonly record struct AccessRequest(
    string Principal, Act Act, NodeId? Resource, Purpose? Purpose, IReadOnlyCollection<string> Tags)
{
    /// <summary>What the key allows by itself.</summary>
    public Role Role { get; init; } = Role.None;

    /// <summary>Groups that a token says the principal is in.</summary>
    public IReadOnlyCollection<string> Groups { get; init; } = [];

    /// <summary>The address it is asked from; null where that is not known.</summary>
    public string? Address { get; init; }

    /// <summary>The thing or version whose approvals count; null for <see cref="Resource"/>.</summary>
    public NodeId? Approved { get; init; }
}

/// <summary>What an answer rests on.</summary>
public enum AccessGround
{
    /// <summary>A role or a statement allows it, and nothing is against it.</summary>
    Allowed,

    /// <summary>Nothing allows it.</summary>
    NothingAllows,

    /// <summary>Statements forbid it.</summary>
    Forbidden,

    /// <summary>Statements make it wait for something.</summary>
    Waits,
}

/// <summary>
/// The gate's answer. The reasons are sentences for people and the record; obligations bind whoever lets the data out.
/// </summary>
public sealed record AccessDecision(AccessGround Ground, IReadOnlyList<string> Reasons, AccessObligations Obligations)
{
    public bool Allowed => Ground == AccessGround.Allowed;

    public bool Denied => !Allowed;

    /// <summary>
    /// Ids of the statements that decided, masks and filters included, sorted; a role stands there as <c>role:reader</c>.
    /// </summary>
    public IReadOnlyList<string> Statements { get; init; } = [];

    public static AccessDecision Allow(params IReadOnlyList<string> reasons) => new(AccessGround.Allowed, reasons, AccessObligations.None);

    public static AccessDecision Deny(params IReadOnlyList<string> reasons) =>
        new(AccessGround.NothingAllows, reasons, AccessObligations.None);
}
