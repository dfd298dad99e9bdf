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
    private static readonly Meter Meter = new("Catalog.Access");
    private static readonly Counter<long> Decisions = Meter.CreateCounter<long>("catalog.access.decisions");
    private bool _asked;

    /// <summary>Decides on one resource.</summary>
    /// <param name="act">What is to be done.</param>
    /// <param name="resource">The node it is done to; null for the catalog itself or a listing.</param>
    /// <param name="tags">Tags of the resource, where the caller has them at hand: policies speak of tags.</param>
    /// <returns>Null when allowed; else the problem to answer with.</returns>
    public Problem? Ask(Act act, NodeId? resource, params IReadOnlyCollection<string> tags)
    {
        _asked = true;
        var who = caller.Identity;
        var decision = RolePolicy.Evaluate(who.Role, new AccessRequest(who.Principal, act, resource, who.Purpose, tags));
        Decisions.Add(1, new KeyValuePair<string, object?>("act", act), new KeyValuePair<string, object?>("allowed", decision.Allowed));
        if (decision.Allowed)
            return null;

        LogDenied(who.Principal, act, resource?.ToString() ?? "catalog", who.Purpose?.ToString() ?? "none");
        return Problem.Of("access.denied", string.Join(' ', decision.Reasons));
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
}
