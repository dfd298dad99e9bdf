namespace Catalog;

/// <summary>What a decider answers: facts to append, nothing to do, or a refusal with a stable code.</summary>
public abstract record Decision
{
    private Decision() { }

    /// <summary>The command holds; <paramref name="Facts"/> are appended in order.</summary>
    public sealed record Accepted(IReadOnlyList<object> Facts) : Decision;

    /// <summary>What was asked for is already so. Not an error: asking twice is normal.</summary>
    public sealed record NothingToDo : Decision;

    /// <summary>A rule forbids it. <paramref name="Code"/> is stable and documented; <paramref name="Detail"/> is for people.</summary>
    public sealed record Refused(string Code, string Detail) : Decision;

    public static Decision Unchanged { get; } = new NothingToDo();

    public static Decision Accept(params object[] facts) => new Accepted(facts);

    public static Decision Refuse(string code, string detail) => new Refused(code, detail);
}
