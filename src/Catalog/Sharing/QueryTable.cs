using System.Runtime.CompilerServices;
using Catalog.Access;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Storage.Objects;
using Catalog.Usage;
using MediatR;

namespace Catalog.Sharing;

/// <summary>
/// Gives out the files of a table's version by address, with their statistics, and leaves out those that hold no row wanted. For whom
/// columns are masked or rows left out, all of it is of a projection: schema, files and statistics.
/// </summary>
public static class QueryTable
{
    /// <param name="Table">The version.</param>
    /// <param name="Where">What rows have to meet; null for all.</param>
    /// <param name="Rows">How many rows are enough; null for all.</param>
    public sealed record Query(FindTable.Answer Table, FileTest? Where, long? Rows) : IRequest<Outcome<Answer>>;

    /// <param name="Table">The version, as it is shown.</param>
    /// <param name="Files">In the order of their paths, signed as they are asked for.</param>
    public sealed record Answer(FindTable.Answer Table, IAsyncEnumerable<TableFile> Files);

    /// <param name="File">As its manifest says.</param>
    /// <param name="Statistics">By column path, of this file; null where they are not known.</param>
    /// <param name="Url">To read it from.</param>
    public sealed record TableFile(FileEntry File, IReadOnlyDictionary<string, ColumnStatistics>? Statistics, SignedUrl Url);

    internal sealed class Handler(
        VersionLookup versions, ShownTables shown, ManifestStore manifests, Gate gate, FileStatistics statistics, FileGrants grants,
        Readings readings)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Table.Version, ct);
            var may = gate.Ask(Act.ReadData, version.Value?.Node ?? q.Table.Version, version.Value?.Tags ?? []);
            if (may.Denial is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;
            var table = await shown.OfAsync(q.Table, version.Value, may, ct);
            return table.Succeeded
                ? new Answer(table.Value.Table, SignAsync(table.Value.Files.Version, q, ct))
                : table.Problem;
        }

        private async IAsyncEnumerable<TableFile> SignAsync(
            LocatedVersion version, Query q, [EnumeratorCancellation] CancellationToken ct)
        {
            var root = await manifests.LoadRootAsync(version.ManifestHash, ct);
            var reading = readings.Begin(version.Node, UsageWay.Sharing);
            var rows = 0L;
            await foreach (var (file, known) in statistics.ReadAsync(manifests.ReadFilesAsync(root, after: null, ct), ct))
            {
                if (rows >= q.Rows)
                    yield break;
                if (known is not null && q.Where?.RulesOut(file.Rows, known) is true)
                    continue;
                yield return new TableFile(file, known, await grants.GrantAsync(version, file, lifetime: null, reading, ct));
                rows += file.Rows ?? 0;
            }
        }
    }
}
