using System.Runtime.InteropServices;

namespace Catalog.Access.Policies;

/// <summary>
/// Statements by where they apply and whom they mean, so that a question looks at those few that can be about it: one look a place that the
/// resource lies in. What applies everywhere to things with a tag is found by that tag.
/// </summary>
internal sealed class StatementIndex
{
    private readonly Dictionary<ResourcePlace, ByPrincipal> _byPlace = [];
    private readonly Dictionary<string, ByPrincipal> _byTag = new(StringComparer.Ordinal);

    public StatementIndex(IEnumerable<ParsedStatement> statements)
    {
        foreach (var statement in statements)
        {
            foreach (var pattern in statement.Resources)
            {
                var found = pattern.Place == ResourcePlace.Root && statement.Tags?.Needed is { } tag
                    ? Of(_byTag, tag)
                    : Of(_byPlace, pattern.Place);
                found.Add(statement);
            }
        }
    }

    /// <summary>Statements that name one of the principal's names at one of the places, or by a tag; some more than once.</summary>
    /// <param name="tags">All that the resource or one of its columns bears.</param>
    public void Find(Closure who, ResourceChain chain, IEnumerable<TagSet> tags, List<ParsedStatement> found)
    {
        foreach (ref readonly var place in chain.Places)
        {
            if (_byPlace.TryGetValue(place, out var there))
                there.Find(who, found);
        }

        if (_byTag.Count == 0)
            return;
        foreach (var set in tags)
        {
            foreach (var tag in set.Tags)
            {
                if (_byTag.TryGetValue(tag, out var there))
                    there.Find(who, found);
            }
        }
    }

    private static ByPrincipal Of<TKey>(Dictionary<TKey, ByPrincipal> index, TKey key)
        where TKey : notnull
    {
        ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(index, key, out _);
        return there ??= new ByPrincipal();
    }

    private sealed class ByPrincipal
    {
        private readonly Dictionary<string, List<ParsedStatement>> _statements = new(StringComparer.Ordinal);

        public void Add(ParsedStatement statement)
        {
            foreach (var principal in statement.Text.Principals)
            {
                ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(_statements, principal, out _);
                (there ??= []).Add(statement);
            }
        }

        public void Find(Closure who, List<ParsedStatement> found)
        {
            foreach (var name in who.Names)
            {
                if (_statements.TryGetValue(name, out var statements))
                    found.AddRange(statements);
            }
        }
    }
}
