namespace Catalog.Access.Policies;

/// <summary>Puts the masks and row filters that apply together: the strongest mask of each column, and all filters.</summary>
internal static class Obligations
{
    /// <summary>What binds, and which masks have a part in it.</summary>
    public static (AccessObligations All, IReadOnlySet<string> ByStatement) Of(
        IReadOnlyList<ParsedStatement> masks, IReadOnlyList<ParsedStatement> filters, ResourceView resource, in ConditionFacts facts)
    {
        if (masks.Count == 0 && filters.Count == 0)
            return (AccessObligations.None, new HashSet<string>());
        var used = new HashSet<string>(StringComparer.Ordinal);
        var named = masks.Select(m => (Mask: m, Columns: ColumnsOf(m, resource.Chain))).ToList();
        var everywhere = Mask.None;
        foreach (var (mask, columns) in named)
        {
            if (columns is null && IsOn(mask, TagSet.Empty, resource, facts))
                everywhere = Add(mask, everywhere, used);
        }

        var tagged = resource.Columns.ToDictionary(c => c.Column, c => c.Tags, StringComparer.Ordinal);
        var paths = tagged.Keys.Concat(named.SelectMany(m => m.Columns ?? [])).Distinct(StringComparer.Ordinal);
        var all = new List<ColumnMask>();
        foreach (var path in paths.Order(StringComparer.Ordinal))
        {
            var strongest = Mask.None;
            foreach (var (mask, columns) in named)
            {
                if (IsOf(path, columns) && IsOn(mask, TagsOf(path, tagged), resource, facts))
                    strongest = Add(mask, strongest, used);
            }

            if (strongest != everywhere)
                all.Add(new ColumnMask(path, strongest));
        }

        var rows = filters.Select(f => f.Text.Rows).OfType<string>().ToHashSet(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return (new AccessObligations(all, everywhere, [.. rows]), used);
    }

    private static Mask Add(ParsedStatement mask, Mask strongest, HashSet<string> used)
    {
        used.Add(mask.Text.Id);
        return Masks.Stronger(strongest, mask.Text.Mask ?? Mask.Null);
    }

    /// <summary>The columns that a mask names; null for all. Those of a resource's pattern narrow those of the statement down.</summary>
    private static IReadOnlyList<string>? ColumnsOf(ParsedStatement mask, ResourceChain chain)
    {
        var patterns = mask.Resources.Where(r => chain.Includes(r.Place)).ToList();
        return patterns.Any(p => p.Column is null)
            ? mask.Text.Columns.Count > 0 ? mask.Text.Columns : null
            : [.. patterns.Select(p => p.Column).OfType<string>()];
    }

    private static bool IsOf(string path, IReadOnlyList<string>? columns) =>
        columns is null || columns.Any(c => c == path || AccessObligations.IsWithin(path, c));

    /// <summary>What a column bears, and what those bear that it lies in.</summary>
    private static TagSet TagsOf(string path, Dictionary<string, TagSet> tagged)
    {
        var above = tagged.Where(t => t.Key == path || AccessObligations.IsWithin(path, t.Key)).Select(t => t.Value).ToList();
        return above.Count switch
        {
            0 => TagSet.Empty,
            1 => above[0],
            _ => TagSet.Of(above.SelectMany(t => t.Tags)),
        };
    }

    private static bool IsOn(ParsedStatement mask, TagSet column, ResourceView resource, in ConditionFacts facts) =>
        mask.HasTags(resource.Tags, column) && mask.IsMet(facts with { MoreTags = column });
}
