using Apache.Arrow;
using Catalog.Access;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.Usage;

namespace Catalog.Columns;

/// <summary>The files of a version as one scan, wherever their bytes are.</summary>
internal sealed class ColumnFiles(
    ManifestStore manifests, ContentStore objects, AllowedRoots roots, TrainingReads training, MaskKey maskKey)
{
    /// <summary>Opens the first file, and checks the question against it.</summary>
    /// <param name="version">Whose files they are.</param>
    /// <param name="question">What is to be read of them.</param>
    /// <param name="obligations">That bind whoever asks it.</param>
    /// <param name="reading">That what is read of them is counted for; null where no data leaves.</param>
    /// <param name="ct">Stops.</param>
    /// <param name="kept">Whether batches, or parts of them, are kept for longer than until the next is asked for.</param>
    /// <exception cref="FileException">A file in place is not there, or no longer the one that was committed.</exception>
    /// <exception cref="ScanException">The question cannot be met.</exception>
    /// <exception cref="ProblemException">The obligations cannot be met.</exception>
    public async Task<Outcome<ColumnBatches>> OpenAsync(
        LocatedVersion version, ColumnQuestion question, AccessObligations obligations, Reading? reading, CancellationToken ct,
        bool kept = false)
    {
        try
        {
            var filter = question.Filter is { } text ? FilterText.Parse(text) : [];
            if (ObligedRead.WhyNotCompared(filter, obligations) is { } no)
                return no;
            var sources = await SourcesAsync(version.ManifestHash, reading, ct);
            if (sources.Count == 0)
                return Problem.Of("columns.none", $"'{version.Node}' has no files, and so no columns.");
            var key = obligations.HasMasks ? await maskKey.GetAsync(ct) : default;
            if (question.Training is not null)
            {
                var request = Request(await ColumnScan.SchemaAsync(sources[0], ct));
                var spelled = FilterText.Spell(filter.Concat(ObligedRead.RowFilters(obligations)));
                return await training.OpenAsync(version, sources, request, question, spelled, ObligedRead.Spell(obligations), ct);
            }

            var scan = await ColumnScan.OpenBySchemaAsync(sources, Request, ct);
            return new ColumnBatches(scan.Schema, scan.ReadAsync);

            ScanRequest Request(Schema schema) =>
                ObligedRead.Bind(Asked(question, filter, schema), schema, obligations, key, kept);
        }
        catch (FilterException e)
        {
            return Problem.Field("request.invalid", "filter", $"The filter cannot be read: {e.Message}");
        }
        catch (FileException e) when (e.Code == FileException.NotParquet)
        {
            return Problem.Of("columns.none", $"'{version.Node}' is not a table of Parquet files: {e.Message}");
        }
    }

    private static ScanRequest Asked(ColumnQuestion question, IReadOnlyList<FilterText.Written> filter, Schema schema) => new()
    {
        Columns = question.Columns,
        Shard = question.Training is null ? question.Shard : Shard.Whole,
        BatchRows = question.BatchRows,
        Where = FilterTypes.Bind(filter, schema),
    };

    /// <summary>The files of a manifest, in its order.</summary>
    /// <param name="reading">That what is read of them is counted for; null where no data leaves.</param>
    public async Task<IReadOnlyList<ParquetSource>> SourcesAsync(string manifest, Reading? reading, CancellationToken ct)
    {
        var root = await manifests.LoadRootAsync(manifest, ct);
        var sources = new List<ParquetSource>();
        await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct))
            sources.Add(Source(file, reading));
        return sources;
    }

    /// <summary>One file of a manifest.</summary>
    /// <param name="reading">That what is read of it is counted for; null where no data leaves.</param>
    public ParquetSource Source(FileEntry file, Reading? reading)
    {
        return ParquetSource.Of(file.Path, () => reading is null ? Open() : reading.Count(Open()));

        Stream Open() => ContentStore.TryParseUri(file.Uri, out var sha256) ? objects.OpenSeekable(sha256, file.Bytes)
            : roots.ResolveFile(file.Uri).Bytes == file.Bytes ? roots.OpenRead(file.Uri)
            : throw new IOException("it is no longer the file that was committed: its size differs");
    }
}
