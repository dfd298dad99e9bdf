namespace Catalog.Platform.Writes;

/// <summary>State that decisions are taken on: a fold over one stream's facts, holding only what deciding needs.</summary>
public interface IState<TSelf>
    where TSelf : class, IState<TSelf>
{
    /// <summary>
    /// Raised when <see cref="Fold"/> or the shape changes: states stored by an earlier fold are then folded anew from the log.
    /// </summary>
    static virtual int FoldRevision => 1;

    /// <summary>Whether the state never changes once it is there: a memory of it is then as good as the state itself.</summary>
    static virtual bool IsFixed => false;

    /// <summary>The stream's id: the text form of the unversioned node.</summary>
    string Id { get; }

    /// <summary>Takes one fact in. Pure, total and never failing: unknown facts leave the state as it was.</summary>
    static abstract TSelf? Fold(TSelf? state, object fact);
}
