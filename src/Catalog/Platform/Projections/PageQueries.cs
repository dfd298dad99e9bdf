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

    private static Expression<Func<TPage, bool>> After<TPage>(string after)
        where TPage : class, IPage<TPage> => p => string.Compare(p.Id, after) > 0;
}
