using System.Text.Json.Serialization;
using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>
/// Statements of policy: who may do what, to what, for which purpose, with what masked. Those who may govern change them, and those who may
/// audit read them: administrators, unless statements allow it to others.
/// </summary>
public sealed class PolicyClient
{
    private const string Root = "policies";
    private readonly Transport _transport;

    internal PolicyClient(Transport transport) => _transport = transport;

    /// <summary>Shows what applying statements would do. Nothing is changed.</summary>
    /// <param name="statements">As they are to be.</param>
    /// <param name="prune">Withdraw all that are not named; else those stay as they are.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<PlannedPolicies> PlanAsync(IEnumerable<Statement> statements, bool prune = false, CancellationToken ct = default) =>
        _transport.SendAsync<PlannedPolicies>(HttpMethod.Post, Route.Of(Root, "plan"), new PlanBody([.. statements], prune), ct);

    /// <summary>
    /// Makes statements what they are wanted to be: all, or, where one cannot be, none. Every request after the answer is decided by
    /// them.
    /// </summary>
    /// <param name="statements">As they are to be.</param>
    /// <param name="prune">Withdraw all that are not named; else those stay as they are.</param>
    /// <param name="plan">A plan that was shown: where another one would be carried out, nothing is. Null applies in any case.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>policy.plan_stale</c>: somebody changed statements since the plan was made.</exception>
    public Task<AppliedPolicies> ApplyAsync(
        IEnumerable<Statement> statements, bool prune = false, PlannedPolicies? plan = null, CancellationToken ct = default) =>
        _transport.SendAsync<AppliedPolicies>(
            HttpMethod.Post, Route.Of(Root, "apply"), new ApplyBody([.. statements], prune, plan?.Hash), ct);

    /// <summary>All statements, sorted by id, with who said each, and when.</summary>
    /// <param name="asOf">As they were then; null for now.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<ListedPolicies> ListAsync(AsOf? asOf = null, CancellationToken ct = default) =>
        _transport.GetAsync<ListedPolicies>(Route.Of(Root).With("asOf", asOf?.ToString()), ct);

    /// <summary>What changed in policies between two moments; and of a thing, who gained or lost access to it by that.</summary>
    /// <param name="from">The earlier moment; position 0 is before all policies.</param>
    /// <param name="to">The later moment; null for now.</param>
    /// <param name="node">The thing; null to compare statements only.</param>
    /// <param name="act">What is done to it.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<PolicyComparison> CompareAsync(
        AsOf from, AsOf? to = null, NodeId? node = null, Act act = Act.ReadData, CancellationToken ct = default) =>
        _transport.GetAsync<PolicyComparison>(
            Route.Of(Root, "diff").With("from", from.ToString()).With("to", to?.ToString()).With("node", node?.ToString())
                .With("act", Acts.Write(act)),
            ct);

    /// <summary>
    /// Holds the decisions that were recorded in a period against statements that are wanted, and lists those that would be answered
    /// otherwise. Nothing is changed. Recorded are refusals, and who was let to data that bears a tag or in part.
    /// </summary>
    /// <param name="statements">As they would be.</param>
    /// <param name="prune">As if all that are not named were withdrawn; else those stay as they are.</param>
    /// <param name="from">Beginning of the period; null for 30 days before its end.</param>
    /// <param name="to">End of it, not included; null for now.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<TriedPolicies> TryAsync(
        IEnumerable<Statement> statements, bool prune = false, DateTimeOffset? from = null, DateTimeOffset? to = null,
        CancellationToken ct = default) =>
        _transport.SendAsync<TriedPolicies>(
            HttpMethod.Post, Route.Of(Root, "what-if"), new TryBody([.. statements], prune, from, to), ct);

    private sealed record TryBody(IReadOnlyList<Statement> Statements, bool Prune, DateTimeOffset? From, DateTimeOffset? To);

    private sealed record PlanBody(IReadOnlyList<Statement> Statements, bool Prune);

    private sealed record ApplyBody(IReadOnlyList<Statement> Statements, bool Prune, string? ExpectedPlan);
}

/// <summary>What applying statements would do.</summary>
/// <param name="Hash">Apply with it, and nothing else than this is done.</param>
/// <param name="Statements">Sorted by id.</param>
public sealed record PlannedPolicies([property: JsonRequired] string Hash, IReadOnlyList<PlannedPolicy> Statements)
{
    /// <summary>Whether applying would change anything.</summary>
    [JsonIgnore]
    public bool Changes => Statements.Any(s => s.Change is not PlannedChange.Unchanged);
}

/// <summary>What applying statements did.</summary>
/// <param name="Plan">That was carried out.</param>
/// <param name="Changed">False when all was so already.</param>
/// <param name="Position">Log position that includes it.</param>
public sealed record AppliedPolicies([property: JsonRequired] PlannedPolicies Plan, bool Changed, long Position) : IAtPosition;

/// <summary>What becomes of one statement.</summary>
/// <param name="Id">Of the statement.</param>
/// <param name="Change">What is done.</param>
/// <param name="Before">What it says; null where it is not there.</param>
/// <param name="After">What it is to say; null where it is withdrawn.</param>
public sealed record PlannedPolicy([property: JsonRequired] string Id, PlannedChange Change, Statement? Before, Statement? After);

/// <summary>What is done with a statement.</summary>
public enum PlannedChange
{
    /// <summary>Nothing: it is as asked for.</summary>
    Unchanged,

    /// <summary>It is not there yet.</summary>
    Create,

    /// <summary>It says something else from then on.</summary>
    Change,

    /// <summary>It counts no more.</summary>
    Withdraw,
}

/// <param name="Position">The log position that they stood at.</param>
/// <param name="Statements">Sorted by id.</param>
public sealed record ListedPolicies(long Position, IReadOnlyList<ListedPolicy> Statements);

/// <param name="Statement">What it says.</param>
/// <param name="Position">Of the fact that said it.</param>
/// <param name="SetAt">When that was recorded.</param>
/// <param name="SetBy">By whom.</param>
public sealed record ListedPolicy([property: JsonRequired] Statement Statement, long Position, DateTimeOffset SetAt, string? SetBy);

/// <summary>What changed in policies between two moments.</summary>
/// <param name="From">Log position.</param>
/// <param name="To">Log position.</param>
/// <param name="Statements">Those that changed, sorted by id.</param>
/// <param name="Flips">Of the thing asked about: whose answer changed, by purpose.</param>
public sealed record PolicyComparison(
    long From, long To, IReadOnlyList<PlannedPolicy> Statements, IReadOnlyList<FlippedAccess> Flips);

/// <summary>Somebody is answered otherwise than before.</summary>
/// <param name="Principal">Who.</param>
/// <param name="Purpose">What for; null for none declared.</param>
/// <param name="Before">What was answered.</param>
/// <param name="After">What is answered.</param>
/// <param name="Because">Ids of the statements that decide before or after; roles stand there as <c>role:reader</c>.</param>
public sealed record FlippedAccess(
    [property: JsonRequired] string Principal, Purpose? Purpose, AccessOutcome Before, AccessOutcome After, IReadOnlyList<string> Because);

/// <summary>Recorded decisions, held against statements that are wanted.</summary>
/// <param name="From">Beginning of the period.</param>
/// <param name="To">End of it.</param>
/// <param name="Decisions">How many kinds of decision were held against them.</param>
/// <param name="Truncated">Whether there were more, older ones, or more flips than are listed.</param>
/// <param name="Flips">Those that would be answered otherwise, newest first.</param>
public sealed record TriedPolicies(
    DateTimeOffset From, DateTimeOffset To, int Decisions, bool Truncated, [property: JsonRequired] IReadOnlyList<TriedDecision> Flips);

/// <summary>A recorded decision that would be answered otherwise.</summary>
/// <param name="Principal">Who.</param>
/// <param name="Act">Did what, or wanted to: <c>read-data</c>.</param>
/// <param name="Node">To what; empty for the catalog.</param>
/// <param name="Purpose">For what; <c>none</c> where none was declared.</param>
/// <param name="Count">How often.</param>
/// <param name="LastAt">When last.</param>
/// <param name="Was">What was answered.</param>
/// <param name="WouldBe">What would be.</param>
/// <param name="Because">Ids of the statements that would decide.</param>
public sealed record TriedDecision(
    [property: JsonRequired] string Principal, string Act, string Node, string Purpose, long Count, DateTimeOffset LastAt, AccessGround Was,
    AccessOutcome WouldBe, IReadOnlyList<string> Because);

/// <summary>An answer of the gate, without its reasons.</summary>
/// <param name="Ground">What it rests on.</param>
/// <param name="Obligations">Which columns are masked, and which rows left out.</param>
public sealed record AccessOutcome(AccessGround Ground, [property: JsonRequired] AccessObligations Obligations);
