using System.Globalization;
using System.Text.Json.Serialization;
using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Who may do what, and why; what somebody has to approve first; and where tags end.</summary>
public sealed class AccessClient
{
    private const string Root = "access";
    private readonly Transport _transport;

    internal AccessClient(Transport transport) => _transport = transport;

    /// <summary>
    /// What the catalog answers to a question, or would have answered then, and why. Everybody may ask about themselves, and those who
    /// may audit about all.
    /// </summary>
    /// <param name="act">What is to be done.</param>
    /// <param name="node">To what; null for the catalog itself.</param>
    /// <param name="question">Who, what for, and as of when; null for the caller, now.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<ExplainedAccess> ExplainAsync(
        Act act, NodeId? node = null, AccessQuestion? question = null, CancellationToken ct = default)
    {
        var asked = question ?? new AccessQuestion();
        return _transport.SendAsync<ExplainedAccess>(
            HttpMethod.Post,
            Route.Of(Root, "explain"),
            new ExplainBody(
                act, node, asked.Principal, asked.Purpose, asked.Role, asked.Groups, asked.AsOf?.Position, asked.AsOf?.Time),
            ct);
    }

    /// <summary>Approves that somebody else does something to a thing or version, where a statement makes that wait for it.</summary>
    /// <param name="act">What is done.</param>
    /// <param name="node">A dataset, model, feature view or service, or a version by its number.</param>
    /// <param name="reason">Why it is right.</param>
    /// <param name="expiresAt">Until when it counts; null for ever.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>approval.own_work</c>: the caller made the version.</exception>
    public Task<Receipt> ApproveAsync(
        Act act, NodeId node, string reason, DateTimeOffset? expiresAt = null, CancellationToken ct = default) =>
        SendAsync(new ApprovalBody(node, act, reason, expiresAt, Withdraw: false), ct);

    /// <summary>Takes the caller's approval back.</summary>
    public Task<Receipt> WithdrawApprovalAsync(Act act, NodeId node, string reason, CancellationToken ct = default) =>
        SendAsync(new ApprovalBody(node, act, reason, ExpiresAt: null, Withdraw: true), ct);

    /// <summary>Says that a tag ends at a thing, version or column: what is made of it does not bear the tag by way of it.</summary>
    /// <param name="node">A dataset, model, feature view or service, a version by its number, or a column.</param>
    /// <param name="tag">Such as <c>pii</c>.</param>
    /// <param name="reason">Why what the tag stands for is not there any more.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<Receipt> DeclassifyAsync(NodeId node, string tag, string reason, CancellationToken ct = default) =>
        SendAsync(new DeclassificationBody(node, tag, reason, Withdraw: false), ct);

    /// <summary>Says that a tag does not end at a thing any more.</summary>
    public Task<Receipt> ReclassifyAsync(NodeId node, string tag, string reason, CancellationToken ct = default) =>
        SendAsync(new DeclassificationBody(node, tag, reason, Withdraw: true), ct);

    /// <summary>Of one thing or version: who can read its data now, who did in a period and for what, and who was refused.</summary>
    /// <param name="node">A dataset, model or feature view, or a version by its number.</param>
    /// <param name="from">Beginning of the period; null for 30 days before its end.</param>
    /// <param name="to">End of it, not included; null for now.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<AccessReport> ReportAsync(
        NodeId node, DateTimeOffset? from = null, DateTimeOffset? to = null, CancellationToken ct = default) =>
        _transport.GetAsync<AccessReport>(
            Route.Of(Root, "report").With("node", node.ToString()).With("from", Time(from)).With("to", Time(to)), ct);

    private static string? Time(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private Task<Receipt> SendAsync(ApprovalBody body, CancellationToken ct) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, "approvals"), body, ct);

    private Task<Receipt> SendAsync(DeclassificationBody body, CancellationToken ct) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, "declassifications"), body, ct);

    private sealed record ExplainBody(
        Act Act, NodeId? Node, string? Principal, Purpose? Purpose, Role? Role, IReadOnlyList<string>? Groups, long? AsOfPosition,
        DateTimeOffset? AsOf);

    private sealed record ApprovalBody(NodeId Node, Act Act, string Reason, DateTimeOffset? ExpiresAt, bool Withdraw);

    private sealed record DeclassificationBody(NodeId Node, string Tag, string Reason, bool Withdraw);
}

/// <summary>Who asks, what for, and as of when.</summary>
public sealed record AccessQuestion
{
    /// <summary>Null for the caller; about others those who may audit can ask.</summary>
    public string? Principal { get; init; }

    /// <summary>Null for the purpose of the client, where it is about the caller, and else for none.</summary>
    public Purpose? Purpose { get; init; }

    /// <summary>What the key allows by itself; null for the strongest of the principal's keys.</summary>
    public Role? Role { get; init; }

    /// <summary>Groups that a token would say the principal is in, besides those that the catalog knows.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>By the policies that stood then; null for now.</summary>
    public AsOf? AsOf { get; init; }
}

/// <summary>What the catalog answers, and why.</summary>
/// <param name="Allowed">Whether it may be.</param>
/// <param name="Ground">What that rests on.</param>
/// <param name="Position">Log position of the policies that answered.</param>
/// <param name="Principal">Who was asked about.</param>
/// <param name="Role">What the key allows by itself.</param>
/// <param name="Reasons">Sentences.</param>
/// <param name="Statements">Those that decide; whom and what else each is about is told only to those who may audit.</param>
/// <param name="Obligations">Which columns are masked, and which rows left out.</param>
/// <param name="NearMisses">Of a refusal: permissions that fail at one clause.</param>
/// <param name="Tags">That the thing bears and policies speak of, inherited ones included.</param>
/// <param name="Groups">That the principal is in, also by way of others.</param>
public sealed record ExplainedAccess(
    bool Allowed, AccessGround Ground, long Position, [property: JsonRequired] string Principal, Role Role,
    IReadOnlyList<string> Reasons, IReadOnlyList<Statement> Statements, AccessObligations Obligations,
    IReadOnlyList<NearMiss> NearMisses, IReadOnlyList<string> Tags, IReadOnlyList<string> Groups);

/// <summary>Who can read a thing, who did, and who was refused.</summary>
/// <param name="Node">The thing.</param>
/// <param name="From">Beginning of the period.</param>
/// <param name="To">End of it, not included.</param>
/// <param name="Position">Log position of the policies under <paramref name="Can"/>.</param>
/// <param name="Tags">That it bears and policies speak of, inherited ones included.</param>
/// <param name="Can">Every principal that is known and may read it for some purpose, or without one.</param>
/// <param name="Did">What was read of it, by whole days (UTC).</param>
/// <param name="Refused">What was refused, newest first, a thousand at most.</param>
public sealed record AccessReport(
    [property: JsonRequired] NodeId Node, DateTimeOffset From, DateTimeOffset To, long Position, IReadOnlyList<string> Tags,
    IReadOnlyList<PermittedReader> Can, IReadOnlyList<DataRead> Did, IReadOnlyList<RefusedAccess> Refused);

/// <param name="Principal">Who.</param>
/// <param name="Role">The strongest of the principal's keys.</param>
/// <param name="Purposes">For which purposes; <c>none</c> for requests without one.</param>
/// <param name="Obligations">What binds; where that depends on the purpose, of the first.</param>
/// <param name="Statements">Ids of those that decide; roles stand there as <c>role:reader</c>.</param>
public sealed record PermittedReader(
    [property: JsonRequired] string Principal, Role Role, IReadOnlyList<string> Purposes, AccessObligations Obligations,
    IReadOnlyList<string> Statements);

/// <param name="Principal">Who.</param>
/// <param name="Purpose">For what; empty where none was declared.</param>
/// <param name="Way">How it left: <c>columns</c>, <c>content</c>, <c>flight</c>, …</param>
/// <param name="Requests">How often.</param>
/// <param name="Bytes">How much was read for it.</param>
/// <param name="LastAt">When last.</param>
public sealed record DataRead(
    [property: JsonRequired] string Principal, string Purpose, string Way, long Requests, long Bytes, DateTimeOffset LastAt);

/// <param name="At">When.</param>
/// <param name="Principal">Who.</param>
/// <param name="Act">Wanted to do what: <c>read-data</c>.</param>
/// <param name="Node">To what of the thing.</param>
/// <param name="Purpose">For what; <c>none</c> where none was declared.</param>
/// <param name="Ground">Why not.</param>
/// <param name="Statements">Ids of those that decided.</param>
/// <param name="Position">Log position of the policies that decided.</param>
/// <param name="Count">How often it was refused at once.</param>
public sealed record RefusedAccess(
    DateTimeOffset At, [property: JsonRequired] string Principal, string Act, string Node, string Purpose, AccessGround Ground,
    IReadOnlyList<string> Statements, long Position, long Count);
