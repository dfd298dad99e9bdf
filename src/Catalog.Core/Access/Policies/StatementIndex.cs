using System.Runtime.InteropServices;

namespace Catalog.Access.Policies;

/// <summary>
/// Statements by where they apply and whom they mean, so that a question looks at those few that can be about it: one look a place that the
/// resource lies in. What applies everywhere to things with a tag is found by that tag. Words are looked up once a question, and are
/// numbers from then on: hashing texts for each place and each name of a principal took most of the time of a decision.
/// </summary>
internal sealed class StatementIndex
{
    private readonly Dictionary<string, int> _principals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<Place, ByPrincipal> _byPlace = [];
    private readonly Dictionary<string, ByPrincipal> _byTag = new(StringComparer.Ordinal);

    /// <param name="statements">In the order of their ids.</param>
    public StatementIndex(IEnumerable<ParsedStatement> statements)
    {
        var rank = 0;
        foreach (var statement in statements)
        {
            var ranked = new RankedStatement(rank++, statement.Effect, statement);
            foreach (var pattern in statement.Resources)
            {
                var there = pattern.Place == ResourcePlace.Root && statement.Tags?.Needed is { } tag
                    ? Of(_byTag, tag)
                    : Of(_byPlace, Numbered(pattern.Place));
                foreach (var principal in statement.Text.Principals)
                    there.Add(NumberOf(_principals, principal), ranked);
            }
        }
    }

    /// <summary>Those of a principal's names that statements name, as <see cref="Find"/> takes them.</summary>
    public int[] NumbersOf(Closure who)
    {
        var numbers = new List<int>(who.Names.Count);
        foreach (var name in who.Names)
        {
            if (_principals.TryGetValue(name, out var number))
                numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>Statements that name one of the principal's names at one of the places, or by a tag; some more than once.</summary>
    /// <param name="who">Numbers of the principal's names.</param>
    /// <param name="chain">What the resource lies in.</param>
    /// <param name="tags">All that it bears.</param>
    /// <param name="columns">What its columns bear.</param>
    /// <param name="found">Takes them.</param>
    public void Find(int[] who, ResourceChain chain, TagSet tags, IReadOnlyList<ColumnTags> columns, List<FoundStatements> found)
    {
        // Places of a resource have the same few words, one after the other.
        var (ns, name) = (Looked.Nothing, Looked.Nothing);
        foreach (ref readonly var place in chain.Places)
        {
            if (IsNamed(place.Namespace, ref ns) && IsNamed(place.Name, ref name)
                && (place.Version is not { } version ? 0 : _words.GetValueOrDefault(version, -1)) is var number and >= 0
                && _byPlace.TryGetValue(new Place((int)place.Kind.GetValueOrDefault(), ns.Number, name.Number, number), out var there))
                there.Find(who, found);
        }

        if (_byTag.Count == 0)
            return;
        foreach (var tag in columns.Count == 0 ? tags.Tags : [.. columns.SelectMany(c => c.Tags.Tags).Concat(tags.Tags).Distinct()])
        {
            if (_byTag.TryGetValue(tag, out var there))
                there.Find(who, found);
        }
    }

    /// <summary>Whether any statement names a word where places are; where it does not, none is about what lies below.</summary>
    private bool IsNamed(string? word, ref Looked last)
    {
        if (!ReferenceEquals(word, last.Word))
            last = new(word, word is null ? 0 : _words.GetValueOrDefault(word, -1));
        return last.Number >= 0;
    }

    private Place Numbered(ResourcePlace place) => new(
        (int)place.Kind.GetValueOrDefault(), NumberOf(_words, place.Namespace), NumberOf(_words, place.Name),
        NumberOf(_words, place.Version));

    /// <summary>From 1 on; 0 for none.</summary>
    private static int NumberOf(Dictionary<string, int> numbers, string? word)
    {
        if (word is null)
            return 0;
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, word, out var isKnown);
        return isKnown ? number : number = numbers.Count;
    }

    private static ByPrincipal Of<TKey>(Dictionary<TKey, ByPrincipal> index, TKey key)
        where TKey : notnull
    {
        ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(index, key, out _);
        return there ??= new ByPrincipal();
    }

    /// <summary>A <see cref="ResourcePlace"/> in numbers: 0 for all.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Place(int Kind, int Namespace, int Name, int Version);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Looked(string? Word, int Number)
    {
        public static Looked Nothing => default;
    }

    private sealed class ByPrincipal
    {
        private readonly Dictionary<int, FoundStatements> _statements = [];

        public void Add(int principal, in RankedStatement statement)
        {
            ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(_statements, principal, out _);
            (there ??= new FoundStatements()).Add(statement);
        }

        public void Find(int[] who, List<FoundStatements> found)
        {
            foreach (var name in who)
            {
                if (_statements.TryGetValue(name, out var statements))
                    found.Add(statements);
            }
        }
    }
}

/// <summary>Statements that are found together, mostly one or two.</summary>
internal sealed class FoundStatements
{
    private RankedStatement[] _all = new RankedStatement[1];
    private int _count;
    private int _effects;

    public ReadOnlySpan<RankedStatement> All => _all.AsSpan(0, _count);

    public bool HasAny(Effect effect) => (_effects & (1 << (int)effect)) != 0;

    public void Add(in RankedStatement statement)
    {
        if (_count == _all.Length)
            Array.Resize(ref _all, _count * 2);
        _all[_count++] = statement;
        _effects |= 1 << (int)statement.Effect;
    }
}

/// <param name="Rank">Where its id stands among all in order.</param>
/// <param name="Effect">Its effect, which is looked at far more often than the rest.</param>
/// <param name="Statement">What it says.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RankedStatement(int Rank, Effect Effect, ParsedStatement Statement);
