namespace Catalog.Access.Policies;

/// <summary>
/// Which tags are asked for: <c>pii and not (public or tier:gold)</c>. <c>not</c> binds before <c>and</c>, <c>and</c> before
/// <c>or</c>. Tags with other signs than letters, digits and <c>_ . - : /</c> stand in single quotes. A tag means those beneath it, too:
/// <c>pii</c> is borne by what bears <c>pii.email</c>.
/// </summary>
public abstract class TagExpression
{
    /// <summary>How deep brackets may lie in each other.</summary>
    private const int MaxDepth = 32;

    private protected TagExpression()
    {
    }

    /// <summary>Whether these tags meet it.</summary>
    public abstract bool Holds(TagSet tags, TagSet more);

    /// <summary>The tags that it names.</summary>
    public abstract IEnumerable<string> Named { get; }

    /// <summary>A tag without which it cannot hold; null where there is none.</summary>
    internal virtual string? Needed => null;

    /// <exception cref="PolicyException">The message says where, and what would be right.</exception>
    public static TagExpression Parse(string text)
    {
        var words = new PolicyWords(text);
        words.Next();
        var parsed = Or(ref words, 0);
        return words.Kind == WordKind.End ? parsed : throw words.Wrong("'and', 'or', or the end");
    }

    private static TagExpression Or(ref PolicyWords words, int depth)
    {
        var left = And(ref words, depth);
        while (words.Take("or"))
            left = new Either(left, And(ref words, depth));
        return left;
    }

    private static TagExpression And(ref PolicyWords words, int depth)
    {
        var left = One(ref words, depth);
        while (words.Take("and"))
            left = new Both(left, One(ref words, depth));
        return left;
    }

    private static TagExpression One(ref PolicyWords words, int depth)
    {
        if (depth > MaxDepth)
            throw new PolicyException($"brackets lie more than {MaxDepth} deep.");
        if (words.Take("not"))
            return new Neither(One(ref words, depth + 1));
        if (words.Take("("))
        {
            var inner = Or(ref words, depth + 1);
            return words.Take(")") ? inner : throw words.Wrong("')'");
        }

        if (words.Kind is not (WordKind.Name or WordKind.Number or WordKind.Text) || words.Word is "" or "and" or "or")
            throw words.Wrong("a tag, 'not' or '('");
        var tag = new Bears(words.Word);
        words.Next();
        return tag;
    }

    private sealed class Bears(string tag) : TagExpression
    {
        public override bool Holds(TagSet tags, TagSet more) => tags.Has(tag) || more.Has(tag);

        public override IEnumerable<string> Named => [tag];

        internal override string? Needed => tag;
    }

    private sealed class Neither(TagExpression inner) : TagExpression
    {
        public override bool Holds(TagSet tags, TagSet more) => !inner.Holds(tags, more);

        public override IEnumerable<string> Named => inner.Named;
    }

    private sealed class Both(TagExpression left, TagExpression right) : TagExpression
    {
        public override bool Holds(TagSet tags, TagSet more) => left.Holds(tags, more) && right.Holds(tags, more);

        public override IEnumerable<string> Named => left.Named.Concat(right.Named);

        internal override string? Needed => left.Needed ?? right.Needed;
    }

    private sealed class Either(TagExpression left, TagExpression right) : TagExpression
    {
        public override bool Holds(TagSet tags, TagSet more) => left.Holds(tags, more) || right.Holds(tags, more);

        public override IEnumerable<string> Named => left.Named.Concat(right.Named);
    }
}
