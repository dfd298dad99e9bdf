namespace Catalog.Access.Policies;

/// <summary>An answer of the gate with what it rests on.</summary>
/// <param name="Decision">The answer.</param>
/// <param name="NearMisses">Of a refusal: permissions that fail at one clause alone, by id.</param>
/// <param name="Tags">What the resource bears, sorted.</param>
/// <param name="Groups">What the principal is in, sorted.</param>
public sealed record AccessExplanation(
    AccessDecision Decision, IReadOnlyList<NearMiss> NearMisses, IReadOnlyList<string> Tags, IReadOnlyList<string> Groups);

/// <summary>A permission that would have counted but for one clause.</summary>
/// <param name="Statement">Its id.</param>
/// <param name="Clause">The part that fails: principals, actions, resources, tags, purposes, when, notBefore or expires.</param>
/// <param name="Detail">What it needs, and what there was.</param>
public sealed record NearMiss(string Statement, string Clause, string Detail);
