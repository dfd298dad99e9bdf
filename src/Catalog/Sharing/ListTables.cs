using System.Runtime.CompilerServices;
using Catalog.Access;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Http;
using Marten;
using MediatR;

namespace Catalog.Sharing;

/// <summary>
/// Lists datasets that are tables of Parquet files and may be read, by name: those of which a version has a schema, and that were not
/// retired.
/// </summary>
public static class ListTables
{
    /// <param name="Namespace">The only one wanted, in any case where none is written exactly so; null for all.</param>
    /// <param name="Limit">How many at most.</param>
    /// <param name="After">The node of the table before; null for the first.</param>
    public sealed record Query(string? Namespace, int Limit, string? After) : IRequest<Outcome<Page<NodeId>>>;

    internal sealed class Handler(IQuerySession pages, Gate gate) : IRequestHandler<Query, Outcome<Page<NodeId>>>
    {
        public async Task<Outcome<Page<NodeId>>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            if (await OfNamespaceAsync(q.Namespace, ct) is not { } tables)
                return Problem.Of("dataset.not_found", $"There is no table in '{q.Namespace}'.");
            if (q.After is { } after)
                tables = tables.Where(d => string.Compare(d.Id, after) > 0);
            var seen = new List<NodeId>();
            await foreach (var node in gate.SeenAsync(tables.OrderBy(d => d.Id), ct))
            {
                seen.Add(node);
                if (seen.Count > q.Limit)
                    break;
            }

            // A namespace of which nothing may be seen is as one that is not there.
            return seen.Count == 0 && q is { Namespace: not null, After: null, Limit: > 0 }
                ? Problem.Of("dataset.not_found", $"There is no table in '{q.Namespace}'.")
                : SharedTables.Cut(seen, q.Limit, n => n.StreamId);
        }

        private async Task<IQueryable<DatasetPage>?> OfNamespaceAsync(string? ns, CancellationToken ct)
        {
            if (ns is null)
                return pages.Tables();
            var lower = ns.ToLowerInvariant();
            var exactly = pages.Tables().Where(d => d.Namespace == ns);
            var inAnyCase = pages.Tables().Where(d => d.Namespace.ToLower() == lower);
            return await exactly.AnyAsync(ct) ? exactly : await inAnyCase.AnyAsync(ct) ? inAnyCase : null;
        }
    }
}

/// <summary>Lists the namespaces of the tables that <see cref="ListTables"/> lists.</summary>
public static class ListTableNamespaces
{
    /// <param name="Limit">How many at most.</param>
    /// <param name="After">The namespace before; null for the first.</param>
    public sealed record Query(int Limit, string? After) : IRequest<Outcome<Page<string>>>;

    internal sealed class Handler(IQuerySession pages, Gate gate) : IRequestHandler<Query, Outcome<Page<string>>>
    {
        public async Task<Outcome<Page<string>>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            var tables = pages.Tables();
            if (q.After is { } after)
                tables = tables.Where(d => string.Compare(d.Namespace, after) > 0);
            var seen = new List<string>();
            await foreach (var node in gate.SeenAsync(tables.OrderBy(d => d.Namespace), ct))
            {
                if (seen.Count == 0 || seen[^1] != node.Namespace)
                    seen.Add(node.Namespace);
                if (seen.Count > q.Limit)
                    break;
            }

            return SharedTables.Cut(seen, q.Limit, n => n);
        }
    }
}

/// <summary>What the listings share.</summary>
internal static class SharedTables
{
    public static IQueryable<DatasetPage> Tables(this IQuerySession pages) =>
        pages.Query<DatasetPage>().Where(d => d.SchemaVersion > 0 && !d.Retired);

    /// <summary>Of many tables those that the caller may see, read as they are asked for.</summary>
    public static async IAsyncEnumerable<NodeId> SeenAsync(
        this Gate gate, IQueryable<DatasetPage> tables, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var id in tables.Select(d => d.Id).ToAsyncEnumerable(ct))
        {
            var node = NodeId.Parse(id);
            if (gate.Lets(Act.Read, node))
                yield return node;
        }
    }

    /// <summary>A page of the first items, with the key to go on behind; without items, the key before them all.</summary>
    public static Page<T> Cut<T>(IReadOnlyList<T> found, int limit, Func<T, string> key) => found.Count > limit
        ? new Page<T>([.. found.Take(limit)], limit == 0 ? "" : key(found[limit - 1]))
        : new Page<T>(found, Next: null);
}
