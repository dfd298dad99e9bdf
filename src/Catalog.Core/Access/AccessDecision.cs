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

/// <summary>
/// What must be done to data before it leaves: columns to mask (paths such as <c>a.b</c>), rows to keep (all, when there is no filter).
/// </summary>
public sealed record AccessObligations(IReadOnlyList<string> MaskedColumns, RowFilter? RowFilter)
{
    public static AccessObligations None { get; } = new([], RowFilter: null);

    public bool IsNone => MaskedColumns.Count == 0 && RowFilter is null;
}

/// <summary>
/// Keeps the rows whose <paramref name="Column"/> holds one of <paramref name="Values"/>, in the canonical text form of its type.
/// </summary>
public sealed record RowFilter(string Column, IReadOnlyList<string> Values);
