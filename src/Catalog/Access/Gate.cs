using System.Diagnostics.Metrics;
using Catalog.Platform;
using Microsoft.Extensions.Logging;

namespace Catalog.Access;

/// <summary>
/// The one question every path asks before data or metadata moves: may this principal do this to that, for this purpose?
/// Roles answer it today; the policy engine takes their place behind the same call.
/// </summary>
public sealed partial class Gate(Caller caller, ILogger<Gate> log)
{
    private const string NoPurpose = "none";
    private static readonly int PurposeCount = Enum.GetValues<Purpose>().Length + 1;
    private static readonly Meter Meter = new("Catalog.Access");
    private static readonly Counter<long> Decisions = Meter.CreateCounter<long>("catalog.access.decisions");

    /// <summary>Labels of what is decided, by act, purpose and outcome: made once, since they go with every decision.</summary>
    private static readonly KeyValuePair<string, object?>[][] Labels =
    [
        .. from act in Enum.GetValues<Act>()
           from purpose in Enum.GetValues<Purpose>().Select(Purposes.Write).Prepend(NoPurpose)
           from allowed in (bool[])[false, true]
           select (KeyValuePair<string, object?>[])[new("act", act), new("allowed", allowed), new("purpose", purpose)],
    ];

    private bool _asked;

    /// <summary>Decides on one resource.</summary>
    /// <param name="act">What is to be done.</param>
    /// <param name="resource">The node it is done to; null for the catalog itself or a listing.</param>
    /// <param name="tags">Tags of the resource, where the caller has them at hand: policies speak of tags.</param>
    public GateAnswer Ask(Act act, NodeId? resource, params IReadOnlyCollection<string> tags)
    {
        _asked = true;
        var who = caller.Identity;
        var decision = RolePolicy.Evaluate(who.Role, new AccessRequest(who.Principal, act, resource, who.Purpose, tags));
        Record(who, act, resource, decision);
        return new GateAnswer(decision);
    }

    /// <summary>
    /// As <see cref="Ask"/>, for what is asked thousands of times in a second: what is allowed is counted, and not written down.
    /// </summary>
    public GateAnswer AskOften(Act act, NodeId resource, IReadOnlyCollection<string> tags)
    {
        _asked = true;
        var who = caller.Identity;
        var decision = RolePolicy.Evaluate(who.Role, new AccessRequest(who.Principal, act, resource, who.Purpose, tags));
        var purpose = Count(who, act, decision);
        if (decision.Denied)
            LogDenied(who.Principal, act, resource.ToString(), purpose);
        return new GateAnswer(decision);
    }

    /// <summary>
    /// Whether one of many things may be shown. What may not is left out: nobody was denied anything that they asked for, so it is counted
    /// and not written down.
    /// </summary>
    /// <param name="act">What is to be done.</param>
    /// <param name="resource">The node it is done to; null for the catalog itself.</param>
    public bool Lets(Act act, NodeId? resource)
    {
        _asked = true;
        var who = caller.Identity;
        var decision = RolePolicy.Evaluate(who.Role, new AccessRequest(who.Principal, act, resource, who.Purpose, []));
        Count(who, act, decision);
        return new GateAnswer(decision).Refusal is null;
    }

    /// <summary>
    /// What binds whoever reads data, for those who tell of it without reading it: statistics, and what columns are read as. Where data may
    /// not be read, nothing of it is told.
    /// </summary>
    /// <param name="resource">Whose data it is.</param>
    /// <param name="tags">Of the resource.</param>
    public AccessObligations Binds(NodeId resource, IReadOnlyCollection<string> tags)
    {
        var who = caller.Identity;
        var decision = RolePolicy.Evaluate(who.Role, new AccessRequest(who.Principal, Act.ReadData, resource, who.Purpose, tags));
        return decision.Denied ? new([], Mask.Null, []) : decision.Obligations;
    }

    /// <summary>Every decision is counted, with the purpose it was asked for; denials and reads of data are also written down.</summary>
    private void Record(Identity who, Act act, NodeId? resource, AccessDecision decision)
    {
        var purpose = Count(who, act, decision);
        if (decision.Denied)
            LogDenied(who.Principal, act, resource?.ToString() ?? "catalog", purpose);
        else if (act is Act.ReadData)
            LogRead(who.Principal, resource?.ToString() ?? "catalog", purpose);
    }

    private static string Count(Identity who, Act act, AccessDecision decision)
    {
        var place = (((int)act * PurposeCount) + (who.Purpose is { } declared ? (int)declared + 1 : 0)) * 2;
        var labels = Labels[place + (decision.Allowed ? 1 : 0)];
        Decisions.Add(1, labels);
        return who.Purpose is { } named ? Purposes.Write(named) : NoPurpose;
    }

    /// <summary>Whether the gate was asked in this request: answers that never asked are not let out.</summary>
    internal bool Asked => _asked;

    /// <exception cref="InvalidOperationException">A write is on its way that nobody asked the gate about.</exception>
    internal void AssertAsked()
    {
        if (!_asked)
            throw new InvalidOperationException("The gate was not asked before a write.");
    }

    [LoggerMessage(2001, LogLevel.Information, "Denied: {Principal} may not {Act} {Resource} (purpose {Purpose}).")]
    private partial void LogDenied(string principal, Act act, string resource, string purpose);

    [LoggerMessage(2002, LogLevel.Information, "Read: {Principal} may read the data of {Resource} (purpose {Purpose}).")]
    private partial void LogRead(string principal, string resource, string purpose);
}

/// <summary>The gate's answer to one question.</summary>
/// <param name="Decision">Whether it may be, why, and what binds whoever lets the data out.</param>
public readonly record struct GateAnswer(AccessDecision Decision)
{
    /// <summary>
    /// What to answer with instead; null when the thing may leave as it is. Also a refusal where something would have to be masked or left
    /// out first: a reader that can do that looks at <see cref="Denial"/> and meets <see cref="Obligations"/>.
    /// </summary>
    public Problem? Refusal => Denial ?? (Obligations.IsNone ? null : Whole);

    /// <summary>What to answer with instead, for a reader that masks columns and leaves out rows; null when it may go on.</summary>
    public Problem? Denial => Decision.Denied ? Problem.Of("access.denied", string.Join(' ', Decision.Reasons)) : null;

    /// <summary>What binds whoever lets the data out.</summary>
    public AccessObligations Obligations => Decision.Obligations;

    private static Problem Whole => Problem.Of(
        "access.obliged",
        "Columns of this are masked for you, or rows are left out, and this way it would leave whole: read its columns instead.");
}
