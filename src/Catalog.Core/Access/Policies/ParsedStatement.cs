namespace Catalog.Access.Policies;

/// <summary>A statement that was read: what it says, ready to be asked.</summary>
internal sealed class ParsedStatement
{
    private const uint Any = uint.MaxValue;

    private readonly uint _acts;
    private readonly uint _purposes;
    private readonly long _from;
    private readonly long _until;

    private ParsedStatement(Statement text, uint acts, IReadOnlyList<ResourcePattern> resources, TagExpression? tags, Condition? when)
    {
        (Text, _acts, Resources, Tags, When) = (text, acts, resources, tags, when);
        _purposes = text.Purposes.Count == 0 ? Any
            : text.Purposes.Aggregate(0u, (all, word) => Purposes.TryParse(word, out var purpose) ? all | Bit(purpose) : all);
        _from = text.NotBefore?.UtcTicks ?? long.MinValue;
        _until = text.Expires?.UtcTicks ?? long.MaxValue;
    }

    public Statement Text { get; }

    public Effect Effect => Text.Effect;

    /// <summary>Where it applies; one at least.</summary>
    public IReadOnlyList<ResourcePattern> Resources { get; }

    public TagExpression? Tags { get; }

    public Condition? When { get; }

    /// <summary>The reason of a decision that it forbids.</summary>
    public string Forbids => field ??= $"The statement '{Text.Id}' forbids it: {Text.Reason}";

    /// <summary>The reason of a decision that it allows.</summary>
    public string Allows => field ??= $"The statement '{Text.Id}' allows it: {Text.Reason}";

    /// <summary>Ticks (UTC) at which it begins or ends to apply.</summary>
    public IEnumerable<long> Turns => ((long[])[_from, _until]).Where(t => t is not (long.MinValue or long.MaxValue));

    /// <summary>The statement, or what is wrong with it.</summary>
    public static (ParsedStatement? Parsed, IReadOnlyList<StatementProblem> Problems) Read(Statement text)
    {
        var reader = new StatementReader(text);
        var (acts, resources) = (reader.ReadActs(), reader.ReadResources());
        var (tags, when) = (reader.ReadTags(), reader.ReadWhen());
        reader.CheckRest();
        return reader.Problems.Count == 0 ? (new(text, acts, resources, tags, when), []) : (null, reader.Problems);
    }

    public bool IsOfAct(Act act) => (_acts & (1u << (int)act)) != 0;

    public bool IsFor(Purpose? purpose) => _purposes == Any || (purpose is { } declared && (_purposes & Bit(declared)) != 0);

    public bool IsOfPrincipal(Closure who) => Text.Principals.Any(who.Includes);

    /// <param name="now">Ticks (UTC).</param>
    public bool IsInForce(long now) => now >= _from && now < _until;

    public bool IsAt(ResourceChain chain) => Resources.Any(r => chain.Includes(r.Place));

    public bool HasTags(TagSet tags, TagSet more) => Tags is null || Tags.Holds(tags, more);

    /// <summary>Whether its condition holds; an error lets a permission fail, and everything else apply.</summary>
    public bool IsMet(in ConditionFacts facts) => When is null || (When.Holds(facts) ?? Effect != Effect.Allow);

    private static uint Bit(Purpose purpose) => 1u << (int)purpose;
}

/// <param name="Field">Of the statement.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
public sealed record StatementProblem(string Field, string Message);
