using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Catalog.Platform.Store;

/// <summary>Hands a page's own <c>Fold</c> to Marten. Pages see who and when, states do not.</summary>
internal sealed class PageProjection<TPage> : SingleStreamProjection<TPage, string>
    where TPage : class, IPage<TPage>
{
    /// <param name="facts">What the page is folded from. Others on its streams, and on all other streams, are not even loaded from the log.</param>
    public PageProjection(IEnumerable<Type> facts)
    {
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
