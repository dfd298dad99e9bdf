using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>The files of one version of a dataset or model. Every byte is checked against the manifest as it arrives.</summary>
public sealed class VersionReader
{
    private const int FilesPerPage = 1000;
    private readonly VersionCalls _calls;

    internal VersionReader(VersionCalls calls, NodeId node)
    {
        _calls = calls;
        Node = node;
        Name = QualifiedName.Of(node);
        Version = node.Version ?? throw new ArgumentException("A reader reads a version.", nameof(node));
    }

    /// <summary>The version, by its number: <c>dataset:demo/flights@3</c>.</summary>
    public NodeId Node { get; }

    public QualifiedName Name { get; }

    public VersionRef Version { get; }

    /// <summary>
    /// The version's files, ordered by path, read from the catalog as the caller goes on. For whom columns are masked or rows left out,
    /// they are those of a projection, as <see cref="VersionFile.Projection"/> says, which is made when it is first asked for.
    /// </summary>
    /// <exception cref="CatalogException"><c>access.denied</c>: nothing of it may be shown.</exception>
    public IAsyncEnumerable<VersionFile> Files(CancellationToken ct = default) => _calls.FilesAsync(Name, Version, FilesPerPage, ct);

    /// <summary>Opens a file. Reading to its end checks its SHA-256 and throws <c>file.changed</c> where it differs.</summary>
    public Task<Stream> OpenAsync(VersionFile file, CancellationToken ct = default) =>
        _calls.OpenAsync(Name, Version, file.Path, file.Sha256, ct);

    /// <summary>
    /// Opens a file by its logical path, without listing the version. It is checked against the hash that the server names for it.
    /// </summary>
    /// <exception cref="CatalogException"><c>file.not_in_version</c></exception>
    public Task<Stream> OpenAsync(string path, CancellationToken ct = default) => _calls.OpenAsync(Name, Version, path, sha256: null, ct);

    /// <summary>
    /// Reads columns of a dataset's version, decoded on the server, as Arrow batches. Bytes of files are checked where files are read
    /// whole; columns are taken out of them without that.
    /// </summary>
    /// <exception cref="CatalogException">
    /// <c>columns.none</c>: the version is no table of Parquet files; <c>scan.bad_columns</c>, <c>scan.bad_condition</c> and
    /// <c>request.invalid</c> for a query that cannot be met, with the column or place named.
    /// </exception>
    public Task<ColumnStream> OpenColumnsAsync(ColumnQuery? query = null, CancellationToken ct = default) =>
        ColumnStream.OpenAsync(_calls.Transport, _calls.Columns(Name, Version, query ?? new ColumnQuery()), Node, ct);

    /// <summary>
    /// Opens one shard of one epoch of a dataset's version: its rows in an order that the version, the filter and the seed decide, and
    /// neither the number of shards nor when they read. Where the reader was opened by a run, the run has it recorded.
    /// </summary>
    /// <exception cref="CatalogException">
    /// As for <see cref="OpenColumnsAsync"/>; <c>columns.token_mismatch</c> for a token of another order.
    /// </exception>
    public async Task<TrainingRead> OpenTrainingReadAsync(TrainingQuery query, CancellationToken ct = default) =>
        TrainingRead.Of(
            await ColumnStream.OpenAsync(_calls.Transport, _calls.Training(Name, Version, query), Node, ct).ConfigureAwait(false), query);

    /// <summary>
    /// A shard of an epoch for ML.NET: each pass over it is a read of its own, in the same order, of the columns that the pass wants.
    /// </summary>
    /// <exception cref="CatalogException">
    /// As for <see cref="OpenTrainingReadAsync"/>; <c>client.column_unsupported</c>: a column has a type that ML.NET has none for.
    /// </exception>
    public async Task<TrainingDataView> OpenDataViewAsync(TrainingQuery query, CancellationToken ct = default)
    {
        var columns = new ColumnQuery { Columns = query.Columns, Filter = query.Filter, BatchRows = 1 };
        using var stream = await OpenColumnsAsync(columns, ct).ConfigureAwait(false);
        return new TrainingDataView(this, query, stream.Schema);
    }

    /// <summary>
    /// Addresses of the version's files, ordered by path, to be read without a key until they run out: for programs that want the files
    /// themselves, and for other machines. They are signed as the caller goes on, a thousand at a time.
    /// </summary>
    /// <param name="prefix">What the files' paths begin with; null for all.</param>
    /// <param name="lifetime">Whole seconds, from one to seven days; null for what the server was told, 15 minutes if nothing.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="CatalogException">
    /// <c>access.denied</c>; <c>access.obliged</c> where columns are masked or rows left out and the version is no table of Parquet files.
    /// <c>request.invalid</c> for a lifetime out of bounds.
    /// </exception>
    public IAsyncEnumerable<SignedFile> SignedFiles(string? prefix = null, TimeSpan? lifetime = null, CancellationToken ct = default) =>
        _calls.SignedFilesAsync(Name, Version, prefix, lifetime, FilesPerPage, ct);

    /// <summary>An address of one file, as <see cref="SignedFiles"/> gives them; also a new one for a file whose address ran out.</summary>
    /// <exception cref="CatalogException"><c>file.not_in_version</c>; or as <see cref="SignedFiles"/>.</exception>
    public Task<SignedFile> SignAsync(string path, TimeSpan? lifetime = null, CancellationToken ct = default) =>
        _calls.SignAsync(Name, Version, path, lifetime, ct);

    /// <summary>
    /// Opens a file by its address, past the catalog where its bytes are in a bucket. When the address runs out while the file is read,
    /// another is asked for and reading goes on where it was. Reading to its end checks the SHA-256 and throws <c>file.changed</c> where it
    /// differs.
    /// </summary>
    /// <exception cref="CatalogException">A refusal of the catalog; <c>http.…</c> of the bucket.</exception>
    public async Task<Stream> OpenSignedAsync(SignedFile file, CancellationToken ct = default) =>
        await new SignedContent(_calls.Transport, token => SignAsync(file.Path, lifetime: null, token), file)
            .OpenAsync(ct).ConfigureAwait(false);

    /// <summary>Downloads all files into a folder, under their logical paths. A file that is there and right is left alone.</summary>
    /// <returns>The files' paths on this machine, in manifest order.</returns>
    /// <exception cref="CatalogException"><c>file.changed</c>; <c>client.path_unsafe</c> for a path that leaves the folder.</exception>
    public async Task<IReadOnlyList<string>> DownloadAsync(
        string folder, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var files = new List<Download>();
        await foreach (var file in Files(ct).ConfigureAwait(false))
            files.Add(Through(file));
        return await Downloads.RunAsync(files, folder, _calls.Transport.Options.Parallelism, progress, ct).ConfigureAwait(false);
    }

    /// <summary>
    /// As <see cref="DownloadAsync(string, IProgress{WorkProgress}?, CancellationToken)"/>, by signed addresses: straight from the bucket
    /// where there is one, which this machine then has to reach. However long it takes, addresses that run out are signed anew.
    /// </summary>
    /// <inheritdoc cref="DownloadAsync(string, IProgress{WorkProgress}?, CancellationToken)"/>
    public async Task<IReadOnlyList<string>> DownloadSignedAsync(
        string folder, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var files = new List<Download>();
        await foreach (var file in SignedFiles(ct: ct).ConfigureAwait(false))
            files.Add(new Download(file.Path, file.Bytes, file.Sha256, token => OpenSignedAsync(file, token)));
        return await Downloads.RunAsync(files, folder, _calls.Transport.Options.Parallelism, progress, ct).ConfigureAwait(false);
    }

    /// <summary>Downloads one file. It appears under its name only when it is whole and right.</summary>
    public async Task DownloadAsync(
        VersionFile file, string target, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var count = new TransferCount(WorkStage.Downloading, 1, file.Bytes, progress);
        await Downloads.RunAsync(Through(file), target, count, ct).ConfigureAwait(false);
        count.FileDone();
    }

    private Download Through(VersionFile file) => new(file.Path, file.Bytes, file.Sha256, ct => OpenAsync(file, ct));

    /// <summary>A logical path is data from elsewhere: it must not lead out of the folder.</summary>
    internal static string SafePath(string folder, string path)
    {
        var root = Path.GetFullPath(folder);
        var target = Path.GetFullPath(Path.Combine(root, path));
        var inside = root.EndsWith(Path.DirectorySeparatorChar) ? root : root + Path.DirectorySeparatorChar;
        return target.StartsWith(inside, StringComparison.Ordinal)
            ? target
            : throw new CatalogException(null, "client.path_unsafe", $"The file '{path}' would be written outside of '{folder}'.");
    }
}
