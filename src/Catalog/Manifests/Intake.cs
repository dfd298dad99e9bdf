using Catalog.Datasets;
using Catalog.Garbage;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;

namespace Catalog.Manifests;

/// <summary>
/// Takes files into the catalog: looks uploaded objects up, hashes files in place, reads Parquet footers, and makes of them the content
/// that a version is decided on. Nothing is stored here, so giving up at any point leaves nothing behind.
/// </summary>
internal sealed class Intake(
    ContentStore objects, UnusedObjects unused, AllowedRoots roots, FolderListing folders, FileHasher hasher, Footers footers,
    ManifestStore manifests)
{
    /// <summary>Reads every file named: what it is, how large, its SHA-256 and, for Parquet, what its footer says.</summary>
    /// <param name="format">The format claimed for all files; without it a file's name decides.</param>
    public async Task<Outcome<ReadFiles>> ReadAsync(
        IReadOnlyList<FileSource>? files, IReadOnlyList<FolderSource>? dirs, string? format,
        IProgress<IntakeProgress>? progress, CancellationToken ct)
    {
        try
        {
            var named = Name(files ?? [], dirs ?? [], ct);
            if (Misnamed([.. named.Select(f => f.Path)]) is { } wrong)
                return wrong;

            var (entries, stamps) = await HashAsync(named, progress, ct);
            entries.Sort((a, b) => LogicalPath.Compare(a.Path, b.Path));
            return await DescribeAsync(entries, stamps, format == Content.Parquet, ct);
        }
        catch (FileException e)
        {
            return Problem.Field(e.Code, "files", e.Message);
        }
    }

    /// <summary>The files are the whole version: a table, if all of them are Parquet.</summary>
    public static Outcome<Content> Whole(ReadFiles read, long? preparedOn = null) => read.Table switch
    {
        null => Cut(read.Files, table: null, NoChunks, preparedOn),
        { Succeeded: true } table => Cut(read.Files, table.Value, NoChunks, preparedOn),
        { Problem: { } unlike } => unlike,
    };

    /// <summary>The files are the whole version, and no table whatever they are: a model's artifacts are read one by one.</summary>
    public static Outcome<Content> Artifacts(ReadFiles read) => Cut(read.Files, table: null, NoChunks, preparedOn: null);

    /// <summary>
    /// The files come on top of a version's: a path that is there already is replaced, paths in <paramref name="remove"/> are left out.
    /// What comes out is what committing the same files as a whole would make.
    /// </summary>
    public async Task<Outcome<Content>> AppendAsync(
        string manifest, long parent, ReadFiles read, IReadOnlyList<string> remove, CancellationToken ct)
    {
        var root = await manifests.LoadRootAsync(manifest, ct);
        var files = new SortedDictionary<string, FileEntry>(LogicalPath.Order);
        await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct))
            files.Add(file.Path, file);

        // Tables whose files are not all called so were claimed to be Parquet, and what is added to them is claimed with them.
        var claimed = read.Claimed || (root.Format == Content.Parquet && !files.Keys.All(IsCalledParquet));
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
            var shared = root.Chunks.Select(c => c.Hash).ToHashSet(StringComparer.Ordinal);
            return files.Count > 0 && (claimed || files.Keys.All(IsCalledParquet))
                ? await AppendToTableAsync(onlyAdded ? root : null, files, read, shared, parent, ct)
                : Cut(files.Values, table: null, shared, parent);
        }
        catch (FileException e)
        {
            return Problem.Field(e.Code, "files", e.Message);
        }
    }

    /// <summary>
    /// What an observed version refers to: checked to be within the allowed folders and to have paths that can be sealed, not read.
    /// </summary>
    public Outcome<IReadOnlyList<ObservedSource>> Refer(IReadOnlyList<FileSource>? files, IReadOnlyList<FolderSource>? dirs)
    {
        try
        {
            List<ObservedSource> sources =
            [
                .. (files ?? []).Select(f => new ObservedSource(
                    roots.ResolveFile(f.Uri ?? "").Uri, f.Path ?? NameOf(f.Uri ?? ""), Glob: null, Prefix: null, f.Sha256, f.Bytes)),
                .. (dirs ?? []).Select(d => new ObservedSource(
                    FileUri.FromPath(roots.ResolveFolder(d.Uri)), Path: null, d.Glob ?? "**", d.Prefix, Sha256: null, Bytes: null)),
            ];
            return Misnamed([.. sources.Select(s => s.Path).OfType<string>()]) is { } wrong ? wrong : sources;
        }
        catch (FileException e)
        {
            return Problem.Field(e.Code, "files", e.Message);
        }
    }

    private static readonly HashSet<string> NoChunks = [];

    private static Outcome<Content> Cut(
        IReadOnlyCollection<FileEntry> files, TableFacts? table, IReadOnlySet<string> shared, long? preparedOn) =>
        files.Aggregate((Int128)0, (sum, f) => sum + (f.Rows ?? 0)) > long.MaxValue
            ? Problem.Field(
                "file.not_parquet", "files",
                "The footers of these files claim more rows together than can be counted, so one of them is damaged.")
            : Content.Of(files, table, shared, preparedOn);

    private static bool IsCalledParquet(string path) => path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <summary>What a table says that only gained files follows from its parent's; else footers are read again.</summary>
    /// <param name="parent">The manifest that files were only added to; null when files were replaced or left out.</param>
    private async Task<Outcome<Content>> AppendToTableAsync(
        ManifestRoot? parent, SortedDictionary<string, FileEntry> files, ReadFiles read,
        IReadOnlySet<string> shared, long number, CancellationToken ct)
    {
        if (read is { Table: null, Files.Count: > 0 })
        {
            read = await DescribeAsync(read.Files, read.Stamps, claimed: true, ct);
            foreach (var file in read.Files)
                files[file.Path] = file;
        }

        if (read.Table is { Succeeded: true } added && files.Count == read.Files.Count)
            return Cut(read.Files, added.Value, shared, number);
        if (read.Table is { Succeeded: true } more && parent is { Schema: { } schema })
        {
            var rows = read.Files.Aggregate((Int128)0, (sum, f) => sum + (f.Rows ?? 0));
            var merged = Footers.Merge(
                new TableFacts(schema, parent.Statistics), Content.RowsOf(parent.Chunks), more.Value,
                rows <= long.MaxValue ? (long)rows : null);
            return merged.Succeeded ? Cut(files.Values, merged.Value, shared, number) : merged.Problem;
        }

        return await AnewAsync(files.Values, read.Stamps, shared, number, ct);
    }

    private async Task<Outcome<Content>> AnewAsync(
        IReadOnlyCollection<FileEntry> files, IReadOnlyDictionary<string, FileStamp> stamps,
        IReadOnlySet<string> shared, long number, CancellationToken ct)
    {
        var found = await footers.ReadAsync(files, stamps, ct);
        var counted = new List<FileEntry>(files.Count);
        foreach (var file in files)
        {
            var rows = found.Rows[file.Path];
            if (file.Rows is { } before && before != rows)
                return Problem.Field(
                    "file.changed", "files", $"'{file.Path}' is no longer the file that was committed: it has {rows} rows, not {before}.");
            counted.Add(file with { Rows = rows });
        }

        return found.Table switch
        {
            null => Cut(counted, table: null, shared, number),
            { Succeeded: true } table => Cut(counted, table.Value, shared, number),
            { Problem: { } unlike } => unlike,
        };
    }

    private async Task<ReadFiles> DescribeAsync(
        IReadOnlyList<FileEntry> entries, IReadOnlyDictionary<string, FileStamp> stamps, bool claimed, CancellationToken ct)
    {
        var parquet = claimed ? entries : [.. entries.Where(e => IsCalledParquet(e.Path))];
        if (parquet.Count == 0)
            return new ReadFiles(entries, stamps, claimed, Table: null);

        var (rows, table) = await footers.ReadAsync(parquet, stamps, ct);
        return new ReadFiles(
            [.. entries.Select(e => rows.TryGetValue(e.Path, out var count) ? e with { Rows = count } : e)],
            stamps,
            claimed,
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
                throw new ProblemException(Problem.Field(
                    "file.not_found", "folders", $"No file in '{dir.Uri}' is named by '{dir.Glob ?? "**"}'."));
            named.AddRange(found.Select(f => new NamedFile(f.Path, f.Uri, Sha256: null, f.Bytes)));
        }

        return named;
    }

    private async Task<(List<FileEntry> Entries, IReadOnlyDictionary<string, FileStamp> Stamps)> HashAsync(
        List<NamedFile> named, IProgress<IntakeProgress>? progress, CancellationToken ct)
    {
        var inPlace = named.FindAll(f => f.Uri is not null);
        var digests = await hasher.HashAsync(
            [.. inPlace.Select(f => new FileToHash(f.Uri ?? "", f.Bytes, f.Sha256))],
            progress is null ? null : new Forward(progress),
            ct);
        var entries = new List<FileEntry>(named.Count);
        var stamps = new Dictionary<string, FileStamp>(inPlace.Count, StringComparer.Ordinal);
        foreach (var (file, digest) in inPlace.Zip(digests))
        {
            entries.Add(new FileEntry(file.Path, digest.Stamp.Uri, digest.Bytes, Rows: null, digest.Sha256));
            stamps.Add(file.Path, digest.Stamp);
        }

        var managed = named.FindAll(f => f.Uri is null);
        await unused.KeepAsync([.. managed.Select(f => f.Sha256).OfType<string>()], ct);
        foreach (var file in managed)
            entries.Add(await ManagedAsync(file, ct));
        return (entries, stamps);
    }

    private async Task<FileEntry> ManagedAsync(NamedFile file, CancellationToken ct)
    {
        var sha256 = file.Sha256 ?? "";
        var bytes = await objects.FindAsync(sha256, ct)
            ?? throw new ProblemException(UploadedObjects.NotUploaded(file.Path, sha256));
        return file.Bytes is { } announced && announced != bytes
            ? throw new ProblemException(Problem.Field(
                "file.changed", "files", $"'{file.Path}' has {bytes} bytes, not {announced} as announced."))
            : new FileEntry(file.Path, ContentStore.UriOf(sha256), bytes, Rows: null, sha256);
    }

    /// <summary>What is wrong with logical paths, or null.</summary>
    private static Problem? Misnamed(IReadOnlyList<string> paths)
    {
        var seen = new HashSet<string>(paths.Count, StringComparer.Ordinal);
        if (paths.FirstOrDefault(p => !seen.Add(p)) is { } twice)
            return Problem.Field("file.path_duplicate", "files", $"The logical path '{twice}' is given twice.");
        return paths.FirstOrDefault(p => LogicalPath.Check(p) is not null) is { } odd
            ? Problem.Field(
                "file.path_invalid", "files", $"'{odd}' cannot be a logical path: it {LogicalPath.Check(odd)}. Give another 'path'.")
            : null;
    }

    /// <summary>A file in place is called what it is called there.</summary>
    private static string NameOf(string uri) => Path.GetFileName(FileUri.IsFileUri(uri) ? FileUri.ToPath(uri) : uri);

    private sealed record NamedFile(string Path, string? Uri, string? Sha256, long? Bytes);

    private sealed class Forward(IProgress<IntakeProgress> to) : IProgress<HashProgress>
    {
        public void Report(HashProgress value) =>
            to.Report(new IntakeProgress(value.Files, value.TotalFiles, value.Bytes, value.TotalBytes));
    }
}
