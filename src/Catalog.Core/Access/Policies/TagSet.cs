using System.Collections.Frozen;

namespace Catalog.Access.Policies;

/// <summary>Tags that something bears, with all that they lie beneath: who bears <c>pii.email</c> bears <c>pii</c>.</summary>
public sealed class TagSet
{
    private readonly FrozenSet<string> _all;

    private TagSet(FrozenSet<string> all) => (_all, Tags) = (all, [.. all.Order(StringComparer.Ordinal)]);

    public static TagSet Empty { get; } = new(FrozenSet<string>.Empty);

    public int Count => _all.Count;

    /// <summary>Sorted.</summary>
    public IReadOnlyList<string> Tags { get; }

    public static TagSet Of(IEnumerable<string> tags)
    {
        var all = tags.SelectMany(WithAbove).ToFrozenSet(StringComparer.Ordinal);
        return all.Count == 0 ? Empty : new TagSet(all);
    }

    public bool Has(string tag) => _all.Count > 0 && _all.Contains(tag);

    /// <summary>The tag itself, and those it lies beneath.</summary>
    public static IEnumerable<string> WithAbove(string tag)
    {
        yield return tag;
        for (var dot = tag.LastIndexOf('.'); dot > 0; dot = tag.LastIndexOf('.', dot - 1))
            yield return tag[..dot];
    }
}
