using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.Usage;

namespace Catalog.Columns;

/// <summary>The files of a version as sources of columns, wherever their bytes are.</summary>
internal sealed class ColumnFiles(ManifestStore manifests, ContentStore objects, AllowedRoots roots)
{
    /// <param name="manifest">Of the version.</param>
    /// <param name="reading">That what is read of them is counted for.</param>
    /// <param name="ct">Stops.</param>
    /// <exception cref="FileException">A file in place is not there, or no longer the one that was committed.</exception>
    public async Task<IReadOnlyList<ParquetSource>> OfAsync(string manifest, Reading reading, CancellationToken ct)
    {
        var root = await manifests.LoadRootAsync(manifest, ct);
        var sources = new List<ParquetSource>();
        await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct))
            sources.Add(Source(file, reading));
        return sources;
    }

    private ParquetSource Source(FileEntry file, Reading reading)
    {
        if (ContentStore.TryParseUri(file.Uri, out var sha256))
            return ParquetSource.Of(file.Path, () => reading.Count(objects.OpenSeekable(sha256, file.Bytes)));
        return ParquetSource.Of(file.Path, () => roots.ResolveFile(file.Uri).Bytes == file.Bytes
            ? reading.Count(roots.OpenRead(file.Uri))
            : throw new IOException("it is no longer the file that was committed: its size differs"));
    }
}
