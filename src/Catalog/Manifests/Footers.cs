using System.Collections.Concurrent;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Schemas;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using ColumnStatistics = Catalog.Integrity.ColumnStatistics;

namespace Catalog.Manifests;

/// <summary>Reads the Parquet footers of many files at once and joins what they say into one table.</summary>
internal sealed class Footers(AllowedRoots roots, IObjectStore objects)
{
    /// <summary>Reads every file's footer; no data is scanned.</summary>
    /// <param name="files">In the order of their paths.</param>
    /// <returns>Rows by path, and the table they make together; null for no files.</returns>
    /// <exception cref="FileException">A file is not sound Parquet.</exception>
    /// <exception cref="ProblemException"><c>schema.inconsistent</c>: two files cannot be one table.</exception>
    public async Task<(IReadOnlyDictionary<string, long> Rows, TableFacts? Table)> ReadAsync(IReadOnlyCollection<FileEntry> files, CancellationToken ct)
    {
        var footers = new ConcurrentDictionary<string, ParquetFooter>(StringComparer.Ordinal);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct };
        await Parallel.ForEachAsync(files, options, async (file, token) => footers[file.Path] = await ReadAsync(file, token));

        var joined = new Joined();
        foreach (var file in files)
            joined.Add(file.Path, footers[file.Path]);
        return (footers.ToDictionary(f => f.Key, f => f.Value.Rows, StringComparer.Ordinal), joined.Table());
    }

    /// <summary>What a version's table says once files were added to it, from what both say already.</summary>
    /// <exception cref="ProblemException"><c>schema.inconsistent</c>: they cannot be one table.</exception>
    public static TableFacts Merge(TableFacts before, long? rowsBefore, TableFacts? added, long? rowsAdded)
    {
        if (added is null)
            return before;
        var schema = Newer(before.Schema, added.Schema) ?? throw Inconsistent("the files added", before.Schema, added.Schema);
        return new TableFacts(schema, Statistics(schema, [(before.Statistics, rowsBefore), (added.Statistics, rowsAdded)]));
    }

    private async Task<ParquetFooter> ReadAsync(FileEntry file, CancellationToken ct)
    {
        if (ContentStore.TryParseUri(file.Uri, out var sha256))
            return await ParquetFooter.ReadAsync(objects, ContentStore.KeyOf(sha256), file.Path, ct);
        await using var stream = roots.OpenRead(file.Uri);
        return await ParquetFooter.ReadAsync(stream, file.Path, ct);
    }

    /// <summary>Of two schemas that one table can have at different times, the later; null when they do not go together.</summary>
    private static TableSchema? Newer(TableSchema a, TableSchema b) =>
        SchemaComparison.Compare(a, b).Level is SchemaChangeLevel.None or SchemaChangeLevel.Patch ? a
        : !SchemaComparison.Compare(a, b).IsBreaking ? b
        : !SchemaComparison.Compare(b, a).IsBreaking ? a
        : null;

    private static ProblemException Inconsistent(string path, TableSchema before, TableSchema schema)
    {
        var change = SchemaComparison.Compare(before, schema).Changes.First(c => c.Level == SchemaChangeLevel.Major);
        return new ProblemException(Problem.Field(
            "schema.inconsistent", "files", $"'{path}' does not fit the files before it: column '{change.Column}' {change.Kind.Replace('_', ' ')}."));
    }

    private static Dictionary<string, ColumnStatistics> Statistics(
        TableSchema schema, IReadOnlyList<(IReadOnlyDictionary<string, ColumnStatistics> Columns, long? Rows)> parts)
    {
        var columns = parts.SelectMany(p => p.Columns.Keys).Distinct(StringComparer.Ordinal);
        return columns.ToDictionary(
            column => column,
            column => ColumnStatistics.MergeAll(
                schema.Find(column)?.Type ?? "",
                parts.Select(p => (p.Columns.GetValueOrDefault(column, ColumnStatistics.Unknown), p.Rows))),
            StringComparer.Ordinal);
    }

    private sealed class Joined
    {
        private readonly List<(IReadOnlyDictionary<string, ColumnStatistics> Columns, long? Rows)> _parts = [];
        private TableSchema? _schema;

        public void Add(string path, ParquetFooter footer)
        {
            _schema = _schema is null ? footer.Schema : Newer(_schema, footer.Schema) ?? throw Inconsistent(path, _schema, footer.Schema);
            _parts.Add((footer.Statistics.ToDictionary(s => s.Key, s => new ColumnStatistics(s.Value.Min, s.Value.Max, s.Value.Nulls), StringComparer.Ordinal), footer.Rows));
        }

        public TableFacts? Table() => _schema is null ? null : new TableFacts(_schema, Statistics(_schema, _parts));
    }
}
