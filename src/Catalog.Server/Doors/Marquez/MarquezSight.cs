using Catalog.Access;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Marquez;

/// <summary>
/// What of an answer its caller may see, as the gate says of each thing in it: what may not be seen is left out. Answers are remembered for
/// the length of the request.
/// </summary>
internal sealed class MarquezSight(Gate gate)
{
    private readonly Dictionary<NodeId, bool> _answers = [];

    /// <param name="node">A version or column is shown where the thing is.</param>
    /// <param name="tags">Those of the thing, where they are at hand.</param>
    public bool Shows(NodeId node, params IReadOnlyCollection<string> tags)
    {
        var thing = node.WithoutVersion();
        return _answers.TryGetValue(thing, out var shown)
            ? shown
            : _answers[thing] = gate.Lets(Act.Read, thing, tags);
    }

    /// <summary>
    /// Of what an id can mean, the nodes that may be seen. Asked before any is looked for, so that a refusal says nothing of what there is.
    /// </summary>
    /// <param name="meant">At least one.</param>
    /// <param name="no">What to answer with instead where none may be seen.</param>
    public IReadOnlyList<NodeId> Among(IReadOnlyList<NodeId> meant, out IResult? no)
    {
        IReadOnlyList<NodeId> seen = [.. meant.Where(n => Shows(n))];
        no = seen.Count == 0 ? gate.Refuses(meant[0].WithoutVersion()) : null;
        return seen;
    }
}
