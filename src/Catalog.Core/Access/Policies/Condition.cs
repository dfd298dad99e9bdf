namespace Catalog.Access.Policies;

/// <summary>
/// The condition of a statement: <c>principal.department == 'fraud' and not (request.ip == '10.0.0.1')</c>. No loops, no patterns: it ends.
/// A name that has no value is an error, and so is a comparison of different types; an error anywhere in it is one of the whole, unless
/// <c>and</c> or <c>or</c> are decided without it.
/// </summary>
public abstract class Condition
{
    private const int MaxDepth = 32;

    private protected Condition()
    {
    }

    /// <summary>True, false, or null for an error.</summary>
    public abstract bool? Holds(in ConditionFacts facts);

    /// <summary>Whether the answer can change from request to request of one principal, for one thing and purpose.</summary>
    public abstract bool IsOfRequest { get; }

    /// <summary>Whether it asks which tags the resource bears: then any tag can decide.</summary>
    public abstract bool AsksForTags { get; }

    /// <exception cref="PolicyException">The message says where, and what would be right.</exception>
    public static Condition Parse(string text)
    {
        var words = new PolicyWords(text);
        words.Next();
        var parsed = Or(ref words, 0);
        return words.Kind == WordKind.End ? parsed : throw words.Wrong("'and', 'or', or the end");
    }

    private static Condition Or(ref PolicyWords words, int depth)
    {
        var left = And(ref words, depth);
        while (words.Take("or"))
            left = new Joined(left, And(ref words, depth), decides: true);
        return left;
    }

    private static Condition And(ref PolicyWords words, int depth)
    {
        var left = One(ref words, depth);
        while (words.Take("and"))
            left = new Joined(left, One(ref words, depth), decides: false);
        return left;
    }

    private static Condition One(ref PolicyWords words, int depth)
    {
        if (depth > MaxDepth)
            throw new PolicyException($"brackets lie more than {MaxDepth} deep.");
        if (words.Take("not"))
            return new Not(One(ref words, depth + 1));
        if (!words.Take("("))
            return Compared(ref words);
        var inner = Or(ref words, depth + 1);
        return words.Take(")") ? inner : throw words.Wrong("')'");
    }

    private static Condition Compared(ref PolicyWords words)
    {
        var left = Operand.Parse(ref words);
        if (words.Take("in"))
        {
            if (words.Is("("))
                return new OneOf(left, List(ref words));
            var areTags = words.Is("resource.tags");
            return new Within(left, Operand.ParseList(ref words), areTags);
        }

        var sign = words.Word;
        if (words.Kind != WordKind.Sign || sign is not ("==" or "!=" or "<" or "<=" or ">" or ">="))
            throw words.Wrong("one of ==, !=, <, <=, >, >=, in");
        words.Next();
        return new Comparison(left, sign, Operand.Parse(ref words));
    }

    private static List<Operand> List(ref PolicyWords words)
    {
        var all = new List<Operand>();
        do
        {
            words.Next();
            all.Add(Operand.Parse(ref words));
        }
        while (words.Is(","));
        return words.Take(")") ? all : throw words.Wrong("',' or ')'");
    }

    /// <summary><c>or</c> is decided by one that holds, <c>and</c> by one that does not; else an error stays one.</summary>
    private sealed class Joined(Condition left, Condition right, bool decides) : Condition
    {
        public override bool? Holds(in ConditionFacts facts)
        {
            var first = left.Holds(facts);
            if (first == decides)
                return decides;
            var second = right.Holds(facts);
            return second == decides ? decides : first is null || second is null ? null : !decides;
        }

        public override bool IsOfRequest => left.IsOfRequest || right.IsOfRequest;

        public override bool AsksForTags => left.AsksForTags || right.AsksForTags;
    }

    private sealed class Not(Condition inner) : Condition
    {
        public override bool? Holds(in ConditionFacts facts) => !inner.Holds(facts);

        public override bool IsOfRequest => inner.IsOfRequest;

        public override bool AsksForTags => inner.AsksForTags;
    }

    private sealed class Comparison(Operand left, string sign, Operand right) : Condition
    {
        public override bool? Holds(in ConditionFacts facts) =>
            Operand.Compare(left.Value(facts), right.Value(facts)) is not { } order ? null
            : sign switch
            {
                "==" => order == 0,
                "!=" => order != 0,
                "<" => order < 0,
                "<=" => order <= 0,
                ">" => order > 0,
                _ => order >= 0,
            };

        public override bool IsOfRequest => left.IsOfRequest || right.IsOfRequest;

        public override bool AsksForTags => false;
    }

    private sealed class OneOf(Operand left, IReadOnlyList<Operand> all) : Condition
    {
        public override bool? Holds(in ConditionFacts facts)
        {
            var (value, failed) = (left.Value(facts), false);
            foreach (var one in all)
            {
                var order = Operand.Compare(value, one.Value(facts));
                if (order == 0)
                    return true;
                failed |= order is null;
            }

            return failed ? null : false;
        }

        public override bool IsOfRequest => left.IsOfRequest || all.Any(o => o.IsOfRequest);

        public override bool AsksForTags => false;
    }

    /// <summary>A text among the tags of the resource, or the groups of the principal.</summary>
    private sealed class Within(Operand left, Func<ConditionFacts, string, bool> list, bool areTags) : Condition
    {
        public override bool? Holds(in ConditionFacts facts) => left.Value(facts) is string text ? list(facts, text) : null;

        public override bool IsOfRequest => left.IsOfRequest;

        public override bool AsksForTags => areTags;
    }
}
