using System.Diagnostics.Metrics;
using Catalog.Platform;
using Microsoft.Extensions.Logging;

namespace Catalog.Access;

/// <summary>
/// The one question every path asks before data or metadata moves: may this principal do this to that, for this purpose?
/// Roles and the policies that stand now answer it; what is forbidden is kept, and so is who was let to data that bears a tag.
/// </summary>
public sealed partial class Gate
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

    private readonly Caller _caller;
    private readonly StandingPolicies _standing;
    private readonly DecisionLog? _decisions;
    private readonly TimeProvider _clock;
    private readonly ILogger<Gate> _log;
    private List<AccessRecord>? _denied;
    private bool _asked;

    internal Gate(Caller caller, StandingPolicies standing, DecisionLog? decisions, TimeProvider clock, ILogger<Gate> log) =>
        (_caller, _standing, _decisions, _clock, _log) = (caller, standing, decisions, clock, log);

    /// <summary>Decides on one resource.</summary>
    /// <param name="act">What is to be done.</param>
    /// <param name="resource">The node it is done to; null for the catalog itself or a listing.</param>
    /// <param name="tags">Tags of the resource that the caller has at hand, which policies may not know of yet.</param>
    public GateAnswer Ask(Act act, NodeId? resource, params IReadOnlyCollection<string> tags)
    {
        var (who, decision) = Judge(act, resource, tags);
        Record(who, act, resource, decision);
        return new GateAnswer(decision);
    }

    /// <summary>
    /// Decides on one resource for which another's approvals and tags count: an alias, for the version it is to point to.
    /// </summary>
    public GateAnswer AskFor(Act act, NodeId resource, NodeId meant)
    {
        var tags = _standing.Current.Resources?.TagsOf(meant).Tags.ToList() ?? [];
        var (who, decision) = Judge(act, resource, tags, meant);

        // What is said of the version itself counts, too; a permission of the alias is enough.
        if (decision.Allowed && Judge(act, meant, []).Decision is { Ground: AccessGround.Forbidden or AccessGround.Waits } against)
            decision = against;
        Record(who, act, resource, decision);
        return new GateAnswer(decision);
    }

    /// <summary>
    /// As <see cref="Ask"/>, for what is asked thousands of times in a second: what is allowed is counted, and not written down.
    /// </summary>
    public GateAnswer AskOften(Act act, NodeId resource, IReadOnlyCollection<string> tags)
    {
        var (who, decision) = Judge(act, resource, tags);
        if (decision.Denied)
            Record(who, act, resource, decision);
        else
            Keep(who, act, resource, decision, Count(who, act, decision));
        return new GateAnswer(decision);
    }

    /// <summary>
    /// Whether one of many things may be shown. What may not is left out: nobody was denied anything that they asked for, so it is counted
    /// and not written down.
    /// </summary>
    /// <param name="act">What is to be done.</param>
    /// <param name="resource">The node it is done to; null for the catalog itself.</param>
    /// <param name="tags">Tags of the resource that the caller has at hand.</param>
    public bool Lets(Act act, NodeId? resource, params IReadOnlyCollection<string> tags)
    {
        var (who, decision) = Judge(act, resource, tags);
        Count(who, act, decision);
        return new GateAnswer(decision).Refusal is null;
    }

    /// <summary>
    /// Lets anybody who is known ask for a list, or for what the catalog says of itself. Of a list, each item is asked about by
    /// <see cref="Lets"/>: so a list says nothing of what may not be seen, not even that there is something.
    /// </summary>
    public void Browse() => _asked = true;

    /// <summary>Whether nothing is hidden from the caller: a role lets it see the catalog, and no policy says anything.</summary>
    internal bool SeesAll => _caller.Identity.Role >= Role.Reader && _standing.Current.Policies.AreNone;

    /// <summary>
    /// What would bind whoever lets the data of a resource out to the caller; everything, where it may not be let out at all. Nothing is
    /// let out by asking, so nothing is recorded.
    /// </summary>
    public AccessObligations Binds(NodeId resource, IReadOnlyCollection<string> tags)
    {
        var foreseen = Foresee(resource, tags);
        return foreseen.Denial is not null ? new AccessObligations([], Mask.Null, []) : foreseen.Obligations;
    }

    /// <summary>
    /// What the caller would be answered who asks to read the data of a resource. Nothing is recorded, as by <see cref="Binds"/>.
    /// </summary>
    public GateAnswer Foresee(NodeId resource, IReadOnlyCollection<string> tags) =>
        new(Judge(Act.ReadData, resource, tags).Decision);

    private (Identity Who, AccessDecision Decision) Judge(
        Act act, NodeId? resource, IReadOnlyCollection<string> tags, NodeId? approved = null)
    {
        _asked = true;
        var who = _caller.Identity;
        var request = new AccessRequest(who.Principal, act, resource, who.Purpose, tags)
        {
            Role = who.Role,
            Groups = who.Groups,
            Address = who.Address,
            Approved = approved,
        };

        // The server acting on its own does what its code says, and nothing else.
        return (who, ReferenceEquals(who, Identity.Server)
            ? RolePolicy.Evaluate(who.Role, request)
            : _standing.Current.Policies.Answer(request, _clock.GetUtcNow()));
    }

    /// <summary>Every decision is counted, with the purpose it was asked for; denials and reads of data are also written down.</summary>
    private void Record(Identity who, Act act, NodeId? resource, AccessDecision decision)
    {
        var purpose = Count(who, act, decision);
        if (decision.Denied)
        {
            LogDenied(who.Principal, act, resource?.ToString() ?? "catalog", purpose);
            (_denied ??= []).Add(AccessRecord.Of(who, act, resource, decision, _standing.Current.Position, _clock.GetUtcNow()));
            return;
        }

        if (act is Act.ReadData)
            LogRead(who.Principal, resource?.ToString() ?? "catalog", purpose);
        if (resource is { } node)
            Keep(who, act, node, decision, purpose);
    }

    /// <summary>Who was let to data that bears a tag, or in part, is told in batches.</summary>
    private void Keep(Identity who, Act act, NodeId resource, AccessDecision decision, string purpose)
    {
        if (_decisions is null || act is not (Act.ReadData or Act.Export)
            || _standing.Current is not { Policies.AreNone: false, Resources: { } known } standing)
            return;
        if (known.TagsOf(resource).Count > 0 || known.ColumnTagsOf(resource).Count > 0 || !decision.Obligations.IsNone)
        {
            var key = new AllowedKey(who.Principal, act, resource, purpose, who.Role, AccessRecord.GroupsOf(who));
            _decisions.Count(key, decision, standing.Position);
        }
    }

    /// <summary>What was forbidden in this request and is not kept yet; taken once.</summary>
    internal IReadOnlyList<AccessRecord> TakeDenied()
    {
        var taken = _denied;
        _denied = null;
        return taken ?? [];
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
    public Problem? Denial => Decision.Allowed ? null : Problem.Of(
        Decision.Ground == AccessGround.Waits ? "access.waits" : "access.denied", string.Join(' ', Decision.Reasons));

    /// <summary>What binds whoever lets the data out.</summary>
    public AccessObligations Obligations => Decision.Obligations;

    /// <summary>Why something does not leave that cannot leave in part.</summary>
    internal static Problem Whole => Problem.Of(
        "access.obliged",
        "Columns of this are masked for you, or rows are left out, and this way it would leave whole: read its columns instead.");
}
