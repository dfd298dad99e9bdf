using System.Collections.Immutable;

namespace Catalog.FeatureGenerations;

/// <summary>Something that says which generation served.</summary>
public interface IServing
{
    Guid Generation { get; }
}

/// <summary>A generation that serves a version of a view, or did before the one after it.</summary>
public sealed record GenerationInUse(Guid Generation, Guid Activation) : IServing;

/// <summary>
/// What serves a version of a view and did before, oldest first: an activation is put on, and a rollback takes the last one off. A state
/// and a page keep the same list, one with times and the other without.
/// </summary>
internal static class ServingHistory
{
    /// <summary>So many are kept: that many times less one can be gone back.</summary>
    public const int Most = 20;

    public static ImmutableList<T> Activate<T>(ImmutableList<T> history, T next)
        where T : IServing => Bounded(history.Add(next));

    public static ImmutableList<T> RollBack<T>(ImmutableList<T> history)
        where T : IServing => history.IsEmpty ? history : history.RemoveAt(history.Count - 1);

    /// <summary>
    /// Without a generation that is no more; so that going back always leads to another one, what follows itself is there once.
    /// </summary>
    public static ImmutableList<T> Drop<T>(ImmutableList<T> history, Guid generation)
        where T : IServing
    {
        var left = history.RemoveAll(s => s.Generation == generation);
        return [.. left.Where((s, i) => i + 1 == left.Count || left[i + 1].Generation != s.Generation)];
    }

    private static ImmutableList<T> Bounded<T>(ImmutableList<T> history) =>
        history.Count > Most ? history.RemoveRange(0, history.Count - Most) : history;
}
