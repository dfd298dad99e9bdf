namespace Catalog.Access.Policies;

/// <summary>
/// A principal with all that stands for it in statements: itself, everybody, and its groups, also by way of other groups.
/// </summary>
internal sealed class Closure
{
    public const string Everybody = "*";
    public const string GroupPrefix = "group:";

    // Plain sets: a closure is made when somebody comes first, and frozen ones take longer to make than they ever save.
    private readonly HashSet<string> _names;

    private Closure(string principal, IReadOnlyDictionary<string, string> attributes, IEnumerable<string> groups)
    {
        (Principal, Attributes) = (principal, attributes);
        Groups = groups.ToHashSet(StringComparer.Ordinal);
        Names = [.. Groups.Select(Written).Append(principal).Append(Everybody)];
        _names = Names.ToHashSet(StringComparer.Ordinal);
    }

    public string Principal { get; }

    public IReadOnlyDictionary<string, string> Attributes { get; }

    /// <summary>Names of groups, without the prefix.</summary>
    public IReadOnlySet<string> Groups { get; }

    /// <summary>As statements name principals.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Whether a statement means the principal by a name.</summary>
    public bool Includes(string name) => _names.Contains(name);

    /// <summary>A group as it is written where principals are: encoded as parts of nodes are.</summary>
    private static string Written(string group) => GroupPrefix + Catalog.Names.Encode(group);

    /// <param name="principal">Id.</param>
    /// <param name="claimed">Groups that a token says the principal is in.</param>
    /// <param name="set">Which knows groups and attributes.</param>
    public static Closure Of(string principal, IEnumerable<string> claimed, PolicySet set)
    {
        var groups = new HashSet<string>(claimed, StringComparer.Ordinal);
        var open = new Queue<string>(groups.Select(Written).Append(principal));
        while (open.TryDequeue(out var member))
        {
            foreach (var group in set.GroupsWith(member).Where(groups.Add))
                open.Enqueue(Written(group));
        }

        return new(principal, set.AttributesOf(principal), groups);
    }
}
