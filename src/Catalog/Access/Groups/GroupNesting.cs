using System.Collections.Frozen;

namespace Catalog.Access.Groups;

/// <summary>
/// Which group lies in which, as a decision to nest one more needs it. Dissolved groups have no members and are in no other.
/// </summary>
internal sealed class GroupNesting
{
    private readonly FrozenDictionary<string, Group> _groups;
    private readonly ILookup<string, string> _outer;

    public GroupNesting(IEnumerable<Group> groups)
    {
        _groups = groups.ToFrozenDictionary(g => g.Id, StringComparer.Ordinal);
        _outer = _groups.Values.SelectMany(g => Within(g.Id).Select(inner => (Inner: inner, Outer: g.Id)))
            .ToLookup(n => n.Inner, n => n.Outer, StringComparer.Ordinal);
    }

    public static GroupNesting None { get; } = new([]);

    /// <summary>Why one group cannot be put into another; null when it can.</summary>
    public Decision.Refused? Refusal(string outer, string inner) =>
        !_groups.TryGetValue(inner, out var group) ? GroupRules.Missing(inner)
        : group.Dissolved ? GroupRules.Gone(inner)
        : Way(inner, outer) is { } way ? Cycle(outer, inner, way)
        : Depth(outer, g => _outer[g]) + Depth(inner, Within) is > Group.MaxDepth and var depth
            ? new Decision.Refused(
                "group.too_deep",
                $"With '{inner}' in '{outer}', {depth} groups would lie in each other; there can be {Group.MaxDepth}.")
        : null;

    private static Decision.Refused Cycle(string outer, string inner, IEnumerable<string> way) => new(
        "group.cycle", $"'{inner}' cannot be put into '{outer}', which lies in it already: {string.Join(" > ", way)}.");

    /// <summary>The groups in a group, and not in one of those.</summary>
    private IEnumerable<string> Within(string group) =>
        _groups.TryGetValue(group, out var found) ? found.Members.Where(m => GroupNames.IsGroup(m) && IsThere(m)) : [];

    private bool IsThere(string group) => _groups.TryGetValue(group, out var found) && !found.Dissolved;

    /// <summary>
    /// From a group inwards to another, both included; null where the other is not in it. Each group is gone through once.
    /// </summary>
    private List<string>? Way(string from, string to)
    {
        var reachedFrom = new Dictionary<string, string?>(StringComparer.Ordinal) { [from] = null };
        var waiting = new Queue<string>([from]);
        while (waiting.TryDequeue(out var group))
        {
            if (group == to)
                return Back(reachedFrom, to);
            foreach (var inner in Within(group).Where(inner => reachedFrom.TryAdd(inner, group)))
                waiting.Enqueue(inner);
        }

        return null;
    }

    private static List<string> Back(Dictionary<string, string?> reachedFrom, string to)
    {
        var way = new List<string>();
        for (string? group = to; group is not null; group = reachedFrom[group])
            way.Insert(0, group);
        return way;
    }

    /// <summary>How many groups the longest way from a group has, itself included. What lies in each other is never a circle.</summary>
    private static int Depth(string group, Func<string, IEnumerable<string>> next)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        return Of(group);

        int Of(string one) => known.TryGetValue(one, out var depth)
            ? depth
            : known[one] = 1 + next(one).Select(Of).DefaultIfEmpty().Max();
    }
}
