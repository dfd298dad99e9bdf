using Catalog.Datasets;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;

namespace Catalog.Manifests;

/// <summary>
/// Takes files into the catalog: looks uploaded objects up, hashes files in place, reads Parquet footers, and makes of them the content that a
/// version is decided on. Nothing is stored here, so giving up at any point leaves nothing behind.
/// </summary>
internal sealed class Intake(ContentStore objects, AllowedRoots roots, FolderListing folders, FileHasher hasher, Footers footers, ManifestStore manifests)
{
    /// <summary>Reads every file named: what it is, how large, its SHA-256 and, for Parquet, what its footer says.</summary>
    /// <param name="format">The format claimed for all files; without it a file's name decides.</param>
    public async Task<Outcome<ReadFiles>> ReadAsync(
        IReadOnlyList<FileSource>? files, IReadOnlyList<FolderSource>? dirs, string? format, IProgress<IntakeProgress>? progress, CancellationToken ct)
    {
        try
        {
            var named = Name(files ?? [], dirs ?? [], ct);
            if (Duplicate(named) is { } twice)
                return Problem.Field("file.path_duplicate", "files", $"The logical path '{twice}' is given twice.");

            if (named.Find(f => LogicalPath.Check(f.Path) is not null) is { } odd)
                return Problem.Field("file.path_invalid", "files", $"'{odd.Path}' cannot be a logical path: it {LogicalPath.Check(odd.Path)}. Give another 'path'.");

            var entries = await HashAsync(named, progress, ct);
            entries.Sort((a, b) => LogicalPath.Compare(a.Path, b.Path));
            return await DescribeAsync(entries, format, ct);
        }
        catch (FileException e)
        {
            return Problem.Field(e.Code, "files", e.Message);
        }
    }

    /// <summary>The files are the whole version.</summary>
    public Content Whole(ReadFiles read, long? preparedOn = null) => Content.Of(read.Files, read.Table, NoChunks, preparedOn);

    /// <summary>The files come on top of a version's: a path that is there already is replaced, paths in <paramref name="remove"/> are left out.</summary>
    public async Task<Outcome<Content>> AppendAsync(string manifest, long parent, ReadFiles read, IReadOnlyList<string> remove, CancellationToken ct)
    {
        var root = await manifests.LoadRootAsync(manifest, ct);
        var files = new SortedDictionary<string, FileEntry>(LogicalPath.Order);
        await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct))
            files.Add(file.Path, file);

        var onlyAdded = remove.Count == 0;
        foreach (var path in remove)
        {
            if (!files.Remove(path))
                return Problem.Field("file.not_in_version", "remove", $"Version {parent} has no file '{path}'.");
        }

        foreach (var file in read.Files)
        {
            onlyAdded &= !files.ContainsKey(file.Path);
            files[file.Path] = file;
        }

        try
        {
            var table = await TableOfAsync(root, files.Values, read, onlyAdded, ct);
            return Content.Of(files.Values, table, root.Chunks.Select(c => c.Hash).ToHashSet(StringComparer.Ordinal), parent);
        }
        catch (FileException e)
        {
            return Problem.Field(e.Code, "files", e.Message);
        }
    }

    /// <summary>What an observed version refers to: checked to be within the allowed folders, not read.</summary>
    public Outcome<IReadOnlyList<ObservedSource>> Refer(IReadOnlyList<FileSource>? files, IReadOnlyList<FolderSource>? dirs)
    {
        try
        {
            return new List<ObservedSource>(
            [
                .. (files ?? []).Select(f => new ObservedSource(roots.ResolveFile(f.Uri ?? "").Uri, f.Path ?? NameOf(f.Uri ?? ""), Glob: null, Prefix: null)),
                .. (dirs ?? []).Select(d => new ObservedSource(FileUri.FromPath(roots.ResolveFolder(d.Uri)), Path: null, d.Glob ?? "**", d.Prefix)),
            ]);
        }
        catch (FileException e)
        {
            return Problem.Field(e.Code, "files", e.Message);
        }
    }

    private static readonly HashSet<string> NoChunks = [];

    private static long? RowsOf(IReadOnlyList<ChunkRef> chunks) => chunks.Aggregate((long?)0, (sum, c) => sum + c.Rows);

    /// <summary>Statistics of a version that only gained files follow from its parent's; else the footers are read again.</summary>
    private async Task<TableFacts?> TableOfAsync(ManifestRoot root, IReadOnlyCollection<FileEntry> files, ReadFiles read, bool onlyAdded, CancellationToken ct)
    {
        if (root.Format != Content.Parquet || (read.Files.Count > 0 && read.Table is null))
            return null;
        if (onlyAdded && root.Schema is { } schema)
            return Footers.Merge(new TableFacts(schema, root.Statistics), RowsOf(root.Chunks), read.Table, read.Files.Sum(f => f.Rows));
        return files.Count == 0 ? null : (await footers.ReadAsync(files, ct)).Table;
    }

    private async Task<Outcome<ReadFiles>> DescribeAsync(List<FileEntry> entries, string? format, CancellationToken ct)
    {
        var parquet = format == Content.Parquet ? entries : entries.FindAll(e => e.Path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase));
        if (parquet.Count == 0)
            return new ReadFiles(entries, Table: null);

        var (rows, table) = await footers.ReadAsync(parquet, ct);
        return new ReadFiles(
            [.. entries.Select(e => rows.TryGetValue(e.Path, out var count) ? e with { Rows = count } : e)],
            parquet.Count == entries.Count ? table : null);
    }

    private List<NamedFile> Name(IReadOnlyList<FileSource> files, IReadOnlyList<FolderSource> dirs, CancellationToken ct)
    {
        var named = new List<NamedFile>(files.Count);
        named.AddRange(files.Select(f => f.Uri is null
            ? new NamedFile(f.Path ?? "", Uri: null, f.Sha256, f.Bytes)
            : new NamedFile(f.Path ?? NameOf(f.Uri), f.Uri, f.Sha256, f.Bytes)));
        foreach (var dir in dirs)
        {
            var found = folders.Expand(dir.Uri, dir.Glob, dir.Prefix, ct);
            if (found.Count == 0)
                throw new Platform.Http.ProblemException(Problem.Field("file.not_found", "folders", $"No file in '{dir.Uri}' is named by '{dir.Glob ?? "**"}'."));
            named.AddRange(found.Select(f => new NamedFile(f.Path, f.Uri, Sha256: null, f.Bytes)));
        }

        return named;
    }

    private async Task<List<FileEntry>> HashAsync(List<NamedFile> named, IProgress<IntakeProgress>? progress, CancellationToken ct)
    {
        var inPlace = named.FindAll(f => f.Uri is not null);
        var digests = await hasher.HashAsync(
            [.. inPlace.Select(f => new FileToHash(f.Uri ?? "", f.Bytes, f.Sha256))],
            progress is null ? null : new Forward(progress),
            ct);
        var entries = new List<FileEntry>(named.Count);
        for (var i = 0; i < inPlace.Count; i++)
            entries.Add(new FileEntry(inPlace[i].Path, roots.ResolveFile(inPlace[i].Uri ?? "").Uri, digests[i].Bytes, Rows: null, digests[i].Sha256));

        foreach (var file in named.Where(f => f.Uri is null))
            entries.Add(await ManagedAsync(file, ct));
        return entries;
    }

    private async Task<FileEntry> ManagedAsync(NamedFile file, CancellationToken ct)
    {
        var sha256 = file.Sha256 ?? "";
        var bytes = await objects.FindAsync(sha256, ct)
            ?? throw new Platform.Http.ProblemException(Problem.Field(
                "object.not_found", "files", $"No object '{sha256}' was uploaded for '{file.Path}': send its bytes with POST /v1/objects first."));
        return file.Bytes is { } announced && announced != bytes
            ? throw new Platform.Http.ProblemException(Problem.Field("file.changed", "files", $"'{file.Path}' has {bytes} bytes, not {announced} as announced."))
            : new FileEntry(file.Path, ContentStore.UriOf(sha256), bytes, Rows: null, sha256);
    }

    private static string? Duplicate(List<NamedFile> named)
    {
        var seen = new HashSet<string>(named.Count, StringComparer.Ordinal);
        return named.Find(f => !seen.Add(f.Path))?.Path;
    }

    /// <summary>A file in place is called what it is called there.</summary>
    private static string NameOf(string uri) => Path.GetFileName(FileUri.IsFileUri(uri) ? FileUri.ToPath(uri) : uri);

    private sealed record NamedFile(string Path, string? Uri, string? Sha256, long? Bytes);

    private sealed class Forward(IProgress<IntakeProgress> to) : IProgress<HashProgress>
    {
        public void Report(HashProgress value) => to.Report(new IntakeProgress(value.Files, value.TotalFiles, value.Bytes, value.TotalBytes));
    }
}
