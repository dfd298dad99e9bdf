using Catalog.Platform.Writes;

namespace Catalog.Erasure;

/// <summary>What deciding about an erasure needs to know of its past.</summary>
public sealed record ErasureCase : IState<ErasureCase>
{
    public const string Prefix = "erasure:";

    public required string Id { get; init; }

    public required Guid Erasure { get; init; }

    /// <summary>Keyed hash of the subject.</summary>
    public required string Subject { get; init; }

    public bool Completed { get; init; }

    public static string StreamId(Guid id) => $"{Prefix}{id:D}";

    public static ErasureCase? Fold(ErasureCase? state, object fact) => (state, fact) switch
    {
        (null, ErasureBegun f) => new ErasureCase { Id = StreamId(f.Id), Erasure = f.Id, Subject = f.Subject },
        (null, _) => null,
        (_, ErasureCompleted) => state with { Completed = true },
        _ => state,
    };

    /// <summary>A subject whose erasure was begun and not completed is gone on with under the same id.</summary>
    public static Decision Begin(ErasureCase? state, ErasureBegun begun) =>
        state is null ? Decision.Accept(begun) : Decision.Unchanged;

    public static Decision Complete(ErasureCase? state, ErasureCompleted completed) =>
        state is { Completed: false } ? Decision.Accept(completed) : Decision.Unchanged;
}
