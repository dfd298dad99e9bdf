namespace Catalog.Access.Policies;

/// <summary>
/// A principal with all that stands for it in statements: itself, everybody, and its groups, also by way of other groups.
/// </summary>
internal sealed class Closure
{
    public const string Everybody = "*";
    public const string GroupPrefix = "group:";

    // A plain set, made when it is asked for: a closure is made when somebody comes first, and decisions look at names in turn.
    private HashSet<string>? _names;

    private Closure(
        string principal, IReadOnlyDictionary<string, string> attributes, HashSet<string> groups, IReadOnlyList<string> names) =>
        (Principal, Attributes, Groups, Names) = (principal, attributes, groups, names);

    public string Principal { get; }

    public IReadOnlyDictionary<string, string> Attributes { get; }

    /// <summary>Names of groups, without the prefix.</summary>
    public IReadOnlySet<string> Groups { get; }

    /// <summary>As statements name principals.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Whether a statement means the principal by a name.</summary>
    public bool Includes(string name) => (_names ??= Names.ToHashSet(StringComparer.Ordinal)).Contains(name);

    /// <summary>A group as it is written where principals are: encoded as parts of nodes are.</summary>
    private static string Written(string group) => GroupPrefix + Catalog.Names.Encode(group);

    /// <param name="principal">Id.</param>
    /// <param name="claimed">Groups that a token says the principal is in.</param>
    /// <param name="set">Which knows groups and attributes.</param>
    public static Closure Of(string principal, IEnumerable<string> claimed, PolicySet set)
    {
        var groups = new HashSet<string>(claimed, StringComparer.Ordinal);
        var names = new List<string> { Everybody, principal };
        names.AddRange(groups.Select(Written));

        // Each name can lead to groups; those that it leads to stand behind it, until no name leads any further.
        for (var i = 1; i < names.Count; i++)
        {
            foreach (var group in set.GroupsWith(names[i]))
            {
                if (groups.Add(group))
                    names.Add(Written(group));
            }
        }

        return new(principal, set.AttributesOf(principal), groups, names);
    }
}
