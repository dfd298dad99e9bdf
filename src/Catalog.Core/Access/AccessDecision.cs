namespace Catalog.Access;

/// <summary>
/// A question to the gate: who wants to do what, to which node (none for catalog-wide acts), what for, and the tags that node bears.
/// </summary>
public readonly record struct AccessRequest(
    string Principal, Act Act, NodeId? Resource, Purpose? Purpose, IReadOnlyCollection<string> Tags);

/// <summary>The gate's answer. The reasons are sentences for people and the record; obligations bind whoever lets the data out.</summary>
public sealed record AccessDecision(bool Allowed, IReadOnlyList<string> Reasons, AccessObligations Obligations)
{
    public bool Denied => !Allowed;

    public static AccessDecision Allow(params IReadOnlyList<string> reasons) => new(Allowed: true, reasons, AccessObligations.None);

    public static AccessDecision Deny(params IReadOnlyList<string> reasons) => new(Allowed: false, reasons, AccessObligations.None);
}
