using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Catalog.Platform.Store;

/// <summary>Hands a page's own <c>Fold</c> to Marten. Pages see who and when, states do not.</summary>
internal sealed class PageProjection<TPage> : SingleStreamProjection<TPage, string>
    where TPage : class, IPage<TPage>
{
    /// <param name="name">The page's name, which its progress is kept under.</param>
    /// <param name="facts">The types of facts on the page's streams; others are not read.</param>
    public PageProjection(string name, IEnumerable<Type> facts)
    {
        Name = name;
        foreach (var fact in facts)
            IncludeType(fact);
    }

    public override TPage? Evolve(TPage? snapshot, string id, IEvent e) => TPage.Fold(snapshot, e);
}

/// <summary>What a reader sees of one stream, folded from its facts with their time and author.</summary>
public interface IPage<TSelf>
    where TSelf : class, IPage<TSelf>
{
    /// <summary>The stream's id.</summary>
    string Id { get; }

    /// <summary>Number of facts folded in: the <c>ETag</c>.</summary>
    long StreamVersion { get; }

    static abstract TSelf? Fold(TSelf? page, IEvent fact);
}
