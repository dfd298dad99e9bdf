using System.Diagnostics.CodeAnalysis;

namespace Catalog.Platform;

/// <summary>
/// What a handler answers: a value, or a problem with a stable code. Refusals are values; exceptions are for bugs and outages.
/// </summary>
public sealed record Outcome<T> : IAnswerable<Outcome<T>>
    where T : class
{
    private Outcome(T? value, Problem? problem) => (Value, Problem) = (value, problem);

    public T? Value { get; }

    public Problem? Problem { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool Succeeded => Problem is null;

    public static Outcome<T> Answer(Problem problem) => new(value: null, problem);

    public static implicit operator Outcome<T>(T value) => new(value, problem: null);

    public static implicit operator Outcome<T>(Problem problem) => Answer(problem);
}

/// <summary>Something that can be made from a problem: what validation answers with before a handler runs.</summary>
public interface IAnswerable<out TSelf>
{
    static abstract TSelf Answer(Problem problem);
}

/// <summary>What a write leaves its caller with.</summary>
/// <param name="Node">The node written, with its version where one was made.</param>
/// <param name="Changed">False when what was asked for was already so.</param>
/// <param name="Position">Log position that includes the write; pass it as <c>atLeast</c> to read it back from an asynchronous
/// page.</param>
/// <param name="Version">The version made or found, where the command is about one.</param>
/// <param name="StreamVersion">Number of facts on the stream; the <c>ETag</c> of the thing.</param>
public record Receipt(NodeId Node, bool Changed, long Position, long? Version, long StreamVersion);
