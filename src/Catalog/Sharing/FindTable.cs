using Catalog.Access;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Catalog.PolicyProjections;
using Marten;
using MediatR;

namespace Catalog.Sharing;

/// <summary>
/// Finds the version of a table that is meant. A table's versions are those of its dataset that consist of Parquet files with a schema; its
/// newest is the newest of these.
/// </summary>
public static class FindTable
{
    /// <param name="Namespace">In any case; where several differ in nothing else, exactly.</param>
    /// <param name="Name">As the namespace.</param>
    /// <param name="Moment">Which version.</param>
    public sealed record Query(string Namespace, string Name, TableMoment Moment) : IRequest<Outcome<Answer>>;

    /// <param name="Version">By number.</param>
    /// <param name="Page">What is known of it.</param>
    public sealed record Answer(NodeId Version, VersionPage Page)
    {
        /// <summary>What is shown of it, where that is not all.</summary>
        public FilesProjection? Projection { get; init; }
    }

    internal sealed class Handler(IQuerySession pages, States states, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        // Versions of other kinds lie between those of a table rarely.
        private const int AtOnce = 20;

        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var exact = NodeId.Dataset(q.Namespace, q.Name);
            var dataset = await states.LoadAsync<Dataset>(exact.StreamId, ct);
            var node = dataset is null ? await FindInAnyCaseAsync(q, ct) ?? exact : exact;
            dataset ??= await states.LoadAsync<Dataset>(node.StreamId, ct);
            if (gate.Ask(Act.Read, node, dataset?.Tags ?? []).Refusal is { } no)
                return no;
            if (dataset is null)
                return Problem.Of("dataset.not_found", $"There is no '{exact}'.");
            var page = await FindAsync(dataset, q.Moment, ct);
            return page switch
            {
                null => NotFound(node, dataset, q.Moment),
                { Schema: null } => Problem.Of("columns.none", $"'{node}@{page.Number}' is not a table of Parquet files."),
                _ => new Answer(node.WithVersion(page.Number), page),
            };
        }

        private async Task<NodeId?> FindInAnyCaseAsync(Query q, CancellationToken ct)
        {
            var (ns, name) = (q.Namespace.ToLowerInvariant(), q.Name.ToLowerInvariant());
            var alike = await pages.Query<DatasetPage>().Where(d => d.Namespace.ToLower() == ns && d.Name.ToLower() == name)
                .Select(d => d.Id).Take(2).ToListAsync(ct);
            return alike is [var only] ? NodeId.Parse(only) : null;
        }

        private async Task<VersionPage?> FindAsync(Dataset dataset, TableMoment moment, CancellationToken ct) => moment switch
        {
            { Number: { } number } => await LoadAsync(dataset, number, ct),
            { AsOf: { } time } => await FirstAsync(
                last => pages.Query<VersionPage>()
                    .Where(v => v.Dataset == dataset.Id && v.CommittedAt <= time && v.Number < last)
                    .OrderByDescending(v => v.Number),
                long.MaxValue, ct),
            { Since: { } time } => await FirstAsync(
                last => pages.Query<VersionPage>()
                    .Where(v => v.Dataset == dataset.Id && v.CommittedAt >= time && v.Number > last)
                    .OrderBy(v => v.Number),
                0, ct),
            _ => dataset.SchemaVersion > 0 ? await LoadAsync(dataset, dataset.SchemaVersion, ct) : null,
        };

        private Task<VersionPage?> LoadAsync(Dataset dataset, long number, CancellationToken ct) =>
            pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.Id, number), ct);

        private static async Task<VersionPage?> FirstAsync(Func<long, IQueryable<VersionPage>> behind, long last, CancellationToken ct)
        {
            for (; ; )
            {
                var few = await behind(last).Take(AtOnce).ToListAsync(ct);
                if (few.FirstOrDefault(v => v.Schema is not null) is { } table)
                    return table;
                if (few.Count < AtOnce)
                    return null;
                last = few[^1].Number;
            }
        }

        private static Problem NotFound(NodeId node, Dataset dataset, TableMoment moment) => moment switch
        {
            _ when dataset.SchemaVersion == 0 => Problem.Of("columns.none", $"No version of '{node}' is a table of Parquet files."),
            { Number: { } number } => Problem.Of("version.not_found", $"'{node}' has no version {number}."),
            { AsOf: { } time } => Problem.Of("version.not_found", $"'{node}' was no table yet at {time:O}."),
            { Since: { } time } => Problem.Of("version.not_found", $"'{node}' has no version of {time:O} or later."),
            _ => throw new InvalidOperationException($"{node}@{dataset.SchemaVersion} has no page."),
        };
    }
}

/// <summary>Which version of a table is meant: the newest, where nothing is given, or by at most one of these.</summary>
/// <param name="Number">The version of this number.</param>
/// <param name="AsOf">The newest that was there at a time.</param>
/// <param name="Since">The oldest of a time or later.</param>
public sealed record TableMoment(long? Number = null, DateTimeOffset? AsOf = null, DateTimeOffset? Since = null);
