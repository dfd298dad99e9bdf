using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Models, their versions and where they serve.</summary>
public sealed partial class ModelClient
{
    private const string Root = "models";
    private readonly Transport _transport;
    private readonly Sources _sources;
    private readonly VersionCalls _versions;

    internal ModelClient(Transport transport, ObjectClient objects)
    {
        _transport = transport;
        _sources = new Sources(objects, transport.Options.Parallelism);
        _versions = new VersionCalls(transport, Root);
    }

    /// <summary>Puts a model in the catalog, under a name that is never reused.</summary>
    public Task<Receipt> RegisterAsync(QualifiedName name, ModelRegistration registration, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Post,
            Route.Of(Root),
            new RegisterBody(name.Namespace, name.Name, registration.Owner, registration.Documentation),
            ct);

    public IAsyncEnumerable<Model> ListAsync(string? @namespace = null, int pageSize = 100, CancellationToken ct = default) =>
        Pages.ReadAsync<Model>(_transport, () => Route.Of(Root).With("namespace", @namespace), pageSize, ct);

    public Task<Model> GetAsync(QualifiedName name, CancellationToken ct = default) =>
        _transport.GetAsync<Model>(Route.Of(Root, name), ct);

    /// <summary>
    /// Uploads what has to be uploaded and makes the run's version of the model. Retried calls make one version, never two.
    /// </summary>
    public async Task<CommitReceipt> CommitAsync(
        QualifiedName name, Guid run, NewModelVersion version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var body = await PrepareAsync(run, version, progress, ct).ConfigureAwait(false);
        return await CommitAsync(name, body, progress, ct).ConfigureAwait(false);
    }

    /// <summary>Uploads what has to be uploaded; what is left to send is small.</summary>
    internal async Task<CommitBody> PrepareAsync(
        Guid run, NewModelVersion version, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        if (version.Sources.OfType<VersionSource.Folder>().Any())
            throw new ArgumentException("A model is made of files: upload a folder, or name its files one by one.", nameof(version));

        var (files, _) = await _sources.PrepareAsync(version.Sources, progress, ct).ConfigureAwait(false);
        return new CommitBody(
            files,
            Folders: null,
            Remove: null,
            Mode: null,
            ExpectedParent: null,
            version.IdempotencyKey ?? Guid.CreateVersion7().ToString(),
            run,
            version.Message,
            Format: null,
            Observed: null,
            version.FeatureService);
    }

    internal Task<CommitReceipt> CommitAsync(
        QualifiedName name, CommitBody body, IProgress<WorkProgress>? progress, CancellationToken ct) =>
        LongWork.RunAsync<CommitReceipt>(
            _transport, Route.Of(Root, name, "versions"), body, WorkStage.Committing, progress, ct);

    public IAsyncEnumerable<ModelVersion> VersionsAsync(QualifiedName name, int pageSize = 100, CancellationToken ct = default) =>
        _versions.ListAsync<ModelVersion>(name, pageSize, ct);

    public Task<ModelVersion> GetVersionAsync(QualifiedName name, VersionRef version, CancellationToken ct = default) =>
        _versions.GetAsync<ModelVersion>(name, version, ct);

    /// <param name="version">As receipts and lineage name it: <c>model:demo/flight-delay@1</c>.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<ModelVersion> GetVersionAsync(NodeId version, CancellationToken ct = default) =>
        GetVersionAsync(version.NameOf(NodeKind.Model), VersionRef.Of(version), ct);

    /// <summary>Reads a version's files.</summary>
    public async Task<VersionReader> ReadAsync(QualifiedName name, VersionRef version, CancellationToken ct = default)
    {
        var found = await GetVersionAsync(name, version, ct).ConfigureAwait(false);
        return new VersionReader(_versions, found.Node);
    }

    /// <inheritdoc cref="ReadAsync(QualifiedName, VersionRef, CancellationToken)"/>
    public Task<VersionReader> ReadAsync(NodeId version, CancellationToken ct = default) =>
        ReadAsync(version.NameOf(NodeKind.Model), VersionRef.Of(version), ct);

    /// <summary>Has the server hash a version's files again; the outcome is recorded.</summary>
    public Task<Verification> VerifyAsync(
        QualifiedName name, VersionRef version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        _versions.VerifyAsync(name, version, progress, ct);

    /// <inheritdoc cref="VerifyAsync(QualifiedName, VersionRef, IProgress{WorkProgress}?, CancellationToken)"/>
    public Task<Verification> VerifyAsync(NodeId version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        VerifyAsync(version.NameOf(NodeKind.Model), VersionRef.Of(version), progress, ct);

    public Task<Receipt> SetAliasAsync(QualifiedName name, string alias, long version, CancellationToken ct = default) =>
        _versions.SetAliasAsync(name, alias, version, ct);

    public Task<Receipt> RemoveAliasAsync(QualifiedName name, string alias, CancellationToken ct = default) =>
        _versions.RemoveAliasAsync(name, alias, ct);

    /// <summary>Says that a version serves at an endpoint of the model's namespace.</summary>
    public Task<Receipt> DeployAsync(QualifiedName name, string endpoint, VersionRef version, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Put, Route.Of(Root, name, "deployments", endpoint), new DeployBody(version.Text), ct);

    /// <summary>Says that the version a node names serves at an endpoint of the model's namespace.</summary>
    public Task<Receipt> DeployAsync(NodeId version, string endpoint, CancellationToken ct = default) =>
        DeployAsync(version.NameOf(NodeKind.Model), endpoint, VersionRef.Of(version), ct);

    /// <summary>Says which feature service a version is served: its newest version unless one is named.</summary>
    public Task<Receipt> NameFeatureServiceAsync(
        QualifiedName name, VersionRef version, NodeId service, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Put, Route.Of(Root, name, "versions", version.Text, "feature-service"), new FeatureServiceBody(service), ct);

    /// <summary>Says which feature service the version is served that a node names.</summary>
    public Task<Receipt> NameFeatureServiceAsync(NodeId version, NodeId service, CancellationToken ct = default) =>
        NameFeatureServiceAsync(version.NameOf(NodeKind.Model), VersionRef.Of(version), service, ct);

    public Task<Receipt> UndeployAsync(QualifiedName name, string endpoint, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Delete, Route.Of(Root, name, "deployments", endpoint), body: null, ct);

    public Task<Receipt> RetireAsync(QualifiedName name, string reason, CancellationToken ct = default) =>
        _versions.RetireAsync(name, reason, ct);

    internal VersionReader Reader(NodeId version) => new(_versions, version);
}
