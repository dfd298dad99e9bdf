using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Datasets and their versions.</summary>
public sealed class DatasetClient
{
    private const string Root = "datasets";
    private readonly Transport _transport;
    private readonly Sources _sources;
    private readonly VersionCalls _versions;

    internal DatasetClient(Transport transport, ObjectClient objects)
    {
        _transport = transport;
        _sources = new Sources(objects, transport.Options.Parallelism);
        _versions = new VersionCalls(transport, Root);
    }

    /// <summary>Puts a dataset in the catalog, under a name that is never reused.</summary>
    public Task<Receipt> RegisterAsync(QualifiedName name, Registration registration, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Post,
            Route.Of(Root),
            new RegisterBody(name.Namespace, name.Name, registration.Owner, registration.Documentation, registration.Tags),
            ct);

    public IAsyncEnumerable<Dataset> ListAsync(DatasetQuery? query = null, CancellationToken ct = default)
    {
        query ??= new DatasetQuery();
        return Pages.ReadAsync<Dataset>(
            _transport, () => Route.Of(Root).With("namespace", query.Namespace).With("tag", query.Tag), query.PageSize, ct);
    }

    public Task<Dataset> GetAsync(QualifiedName name, CancellationToken ct = default) =>
        _transport.GetAsync(
            Route.Of(Root, name), (Dataset d, HttpResponseMessage response) => d with { ETag = response.Headers.ETag?.ToString() }, ct);

    /// <param name="name">The dataset.</param>
    /// <param name="description">What to change.</param>
    /// <param name="ifMatch">
    /// <see cref="Dataset.ETag"/> of the state that was read; status 412 when the dataset changed since. When the answer is lost the call
    /// fails: sent again, it would find the state that it made itself.
    /// </param>
    /// <param name="ct">Stops waiting.</param>
    public Task<Receipt> DescribeAsync(
        QualifiedName name, Description description, string? ifMatch = null, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Put,
            Route.Of(Root, name, "description"),
            description,
            ct,
            ifMatch is null ? Repeat.Always : Repeat.IfNotActedOn,
            ifMatch);

    public Task<Receipt> TagAsync(QualifiedName name, string tag, string? column = null, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Tag(name, tag, column), body: null, ct);

    public Task<Receipt> UntagAsync(QualifiedName name, string tag, string? column = null, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Delete, Tag(name, tag, column), body: null, ct);

    /// <summary>Declares whether new versions may break readers of earlier ones.</summary>
    public Task<Receipt> SetCompatibilityAsync(QualifiedName name, Compatibility mode, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of(Root, name, "compatibility"), new CompatibilityBody(mode), ct);

    /// <summary>Uploads what has to be uploaded and commits the next version. Retried calls make one version, never two.</summary>
    public async Task<CommitReceipt> CommitAsync(
        QualifiedName name, NewVersion version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var body = await PrepareAsync(version, progress, ct).ConfigureAwait(false);
        return await CommitAsync(name, body, progress, ct).ConfigureAwait(false);
    }

    /// <summary>Uploads what has to be uploaded; what is left to send is small.</summary>
    internal async Task<CommitBody> PrepareAsync(NewVersion version, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        var (files, folders) = await _sources.PrepareAsync(version.Sources, progress, ct).ConfigureAwait(false);
        return new CommitBody(
            files.Count > 0 ? files : null,
            folders.Count > 0 ? folders : null,
            version.Remove.Count > 0 ? version.Remove : null,
            version.Mode,
            version.ExpectedParent,
            version.IdempotencyKey ?? Guid.CreateVersion7().ToString(),
            version.Run,
            version.Message,
            version.Format,
            version.Observed ? true : null);
    }

    internal Task<CommitReceipt> CommitAsync(
        QualifiedName name, CommitBody body, IProgress<WorkProgress>? progress, CancellationToken ct) =>
        LongWork.RunAsync<CommitReceipt>(
            _transport, Route.Of(Root, name, "versions"), body, WorkStage.Committing, progress, ct);

    /// <summary>All versions, newest first.</summary>
    public IAsyncEnumerable<DatasetVersion> VersionsAsync(QualifiedName name, int pageSize = 100, CancellationToken ct = default) =>
        _versions.ListAsync<DatasetVersion>(name, pageSize, ct);

    public Task<DatasetVersion> GetVersionAsync(QualifiedName name, VersionRef version, CancellationToken ct = default) =>
        _versions.GetAsync<DatasetVersion>(name, version, ct);

    /// <param name="version">As receipts and lineage name it: <c>dataset:demo/flights@3</c>.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<DatasetVersion> GetVersionAsync(NodeId version, CancellationToken ct = default) =>
        GetVersionAsync(version.NameOf(NodeKind.Dataset), VersionRef.Of(version), ct);

    /// <summary>
    /// Reads a version outside of any run: nothing records what it was read for. Inside one, use <see cref="ActiveRun.ReadAsync"/>.
    /// </summary>
    public async Task<VersionReader> ReadAsync(QualifiedName name, VersionRef version, CancellationToken ct = default)
    {
        var found = await GetVersionAsync(name, version, ct).ConfigureAwait(false);
        return new VersionReader(_versions, found.Node);
    }

    /// <inheritdoc cref="ReadAsync(QualifiedName, VersionRef, CancellationToken)"/>
    public Task<VersionReader> ReadAsync(NodeId version, CancellationToken ct = default) =>
        ReadAsync(version.NameOf(NodeKind.Dataset), VersionRef.Of(version), ct);

    /// <summary>Reads and hashes the files of a version that was only observed.</summary>
    public Task<CommitReceipt> SealAsync(
        QualifiedName name, VersionRef version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        LongWork.RunAsync<CommitReceipt>(
            _transport, Route.Of(Root, name, "versions", version.Text, "seal"), body: null, WorkStage.Committing, progress, ct);

    /// <inheritdoc cref="SealAsync(QualifiedName, VersionRef, IProgress{WorkProgress}?, CancellationToken)"/>
    public Task<CommitReceipt> SealAsync(NodeId version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        SealAsync(version.NameOf(NodeKind.Dataset), VersionRef.Of(version), progress, ct);

    /// <summary>Has the server hash a version's files again; the outcome is recorded.</summary>
    public Task<Verification> VerifyAsync(
        QualifiedName name, VersionRef version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        _versions.VerifyAsync(name, version, progress, ct);

    /// <inheritdoc cref="VerifyAsync(QualifiedName, VersionRef, IProgress{WorkProgress}?, CancellationToken)"/>
    public Task<Verification> VerifyAsync(NodeId version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        VerifyAsync(version.NameOf(NodeKind.Dataset), VersionRef.Of(version), progress, ct);

    public Task<Receipt> SetAliasAsync(QualifiedName name, string alias, long version, CancellationToken ct = default) =>
        _versions.SetAliasAsync(name, alias, version, ct);

    public Task<Receipt> RemoveAliasAsync(QualifiedName name, string alias, CancellationToken ct = default) =>
        _versions.RemoveAliasAsync(name, alias, ct);

    public Task<Receipt> RetireAsync(QualifiedName name, string reason, CancellationToken ct = default) =>
        _versions.RetireAsync(name, reason, ct);

    internal VersionReader Reader(NodeId version, Guid? run = null) => new(run is { } id ? _versions.For(id) : _versions, version);

    private static Route Tag(QualifiedName name, string tag, string? column) =>
        column is null ? Route.Of(Root, name, "tags", tag) : Route.Of(Root, name, "columns", column, "tags", tag);
}
