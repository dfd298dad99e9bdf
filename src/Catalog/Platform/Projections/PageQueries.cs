using System.Linq.Expressions;
using Catalog.Platform.Http;
using Catalog.Platform.Store;
using Marten;

namespace Catalog.Platform.Projections;

internal static class PageQueries
{
    /// <summary>One page of a list in the order of ids; <paramref name="narrow"/> adds the filters.</summary>
    public static async Task<Page<TPage>> PageByIdAsync<TPage>(
        this IQuerySession session, PageRequest page, Func<IQueryable<TPage>, IQueryable<TPage>> narrow, CancellationToken ct)
        where TPage : class, IPage<TPage>
    {
        var query = narrow(session.Query<TPage>());
        if (page.After is { } after)
            query = query.Where(After<TPage>(after));
        var found = await query.OrderBy(p => p.Id).Take(page.Limit + 1).ToListAsync(ct);
        return page.Cut(found, p => p.Id);
    }

    /// <summary>As above, of those that may be shown; it goes on reading until the page is full.</summary>
    public static async Task<Page<TPage>> PageOfShownAsync<TPage>(
        this IQuerySession session, PageRequest page, Func<IQueryable<TPage>, IQueryable<TPage>> narrow, Func<TPage, bool> shown,
        CancellationToken ct)
        where TPage : class, IPage<TPage>
    {
        var (found, after) = (new List<TPage>(), page.After);
        while (found.Count <= page.Limit)
        {
            var query = narrow(session.Query<TPage>());
            if (after is not null)
                query = query.Where(After<TPage>(after));
            var some = await query.OrderBy(p => p.Id).Take(page.Limit + 1).ToListAsync(ct);
            found.AddRange(some.Where(shown));
            if (some.Count <= page.Limit)
                break;
            after = some[^1].Id;
        }

        return page.Cut([.. found.Take(page.Limit + 1)], p => p.Id);
    }

    private static Expression<Func<TPage, bool>> After<TPage>(string after)
        where TPage : class, IPage<TPage> => p => string.Compare(p.Id, after) > 0;
}
