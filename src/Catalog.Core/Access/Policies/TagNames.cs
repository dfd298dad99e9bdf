namespace Catalog.Access.Policies;

/// <summary>Which tags can decide anything: those that statements name, or all, where a condition looks them up.</summary>
public sealed class TagNames
{
    private readonly HashSet<string> _names;

    private TagNames(HashSet<string> names, bool areAll) => (_names, AreAll) = (names, areAll);

    public bool AreAll { get; }

    public bool AreNone => !AreAll && _names.Count == 0;

    /// <summary>Whether a tag, or one that it lies beneath, is among them.</summary>
    public bool Include(string tag)
    {
        if (AreAll || _names.Contains(tag))
            return true;
        return tag.Contains('.', StringComparison.Ordinal) && TagSet.WithAbove(tag).Any(_names.Contains);
    }

    /// <summary>Whether both are the same tags.</summary>
    public bool AreSameAs(TagNames other) => AreAll == other.AreAll && _names.SetEquals(other._names);

    /// <summary>Those that the statements of a set name.</summary>
    public static TagNames Of(PolicySet set) =>
        Of(set.Statements.Values.Select(s => ParsedStatement.Read(s).Parsed).OfType<ParsedStatement>());

    internal static TagNames Of(IEnumerable<ParsedStatement> statements)
    {
        var all = statements.ToList();
        return new(
            all.SelectMany(s => s.Tags?.Named ?? []).ToHashSet(StringComparer.Ordinal), all.Any(s => s.When is { AsksForTags: true }));
    }
}
