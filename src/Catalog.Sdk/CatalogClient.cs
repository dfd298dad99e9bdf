using Catalog.Lineage;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>
/// A catalog, over HTTP. Safe to share between threads; make one and keep it. Calls are retried while the catalog is busy, and never do
/// twice what was asked once. Whoever wrote through a client reads its own writes through it.
/// </summary>
public sealed class CatalogClient : IAsyncDisposable, IDisposable
{
    private readonly Transport _transport;

    /// <param name="address">Where the server listens: <c>http://127.0.0.1:4870</c>.</param>
    /// <param name="apiKey"><c>cat_…</c>, or a bearer token of the issuer that the catalog trusts.</param>
    /// <param name="options">Retries, limits, purpose.</param>
    public CatalogClient(Uri address, string apiKey, CatalogClientOptions? options = null)
    {
        _transport = new Transport(address, apiKey, options ?? new CatalogClientOptions());
        Objects = new ObjectClient(_transport);
        Datasets = new DatasetClient(_transport, Objects);
        Models = new ModelClient(_transport, Objects);
        Features = new FeatureClient(_transport);
        TrainingSets = new TrainingSetClient(_transport);
        Runs = new RunClient(_transport);
        Jobs = new JobClient(_transport);
        Lineage = new LineageClient(_transport);
        Changes = new ChangeClient(_transport);
        Keys = new KeyClient(_transport);
        Groups = new GroupClient(_transport);
        Principals = new PrincipalClient(_transport);
        Policies = new PolicyClient(_transport);
        Access = new AccessClient(_transport);
        Usage = new UsageClient(_transport);
        Tiers = new TierClient(_transport);
        Retention = new RetentionClient(_transport);
        Erasures = new ErasureClient(_transport);
    }

    /// <summary>The server's address.</summary>
    public Uri Address => _transport.Address;

    /// <summary>Highest log position seen in an answer; listings and lineage are asked to include it.</summary>
    public long Position => _transport.Position;

    public DatasetClient Datasets { get; }

    public ModelClient Models { get; }

    public FeatureClient Features { get; }

    public TrainingSetClient TrainingSets { get; }

    public RunClient Runs { get; }

    public JobClient Jobs { get; }

    public LineageClient Lineage { get; }

    public ChangeClient Changes { get; }

    public KeyClient Keys { get; }

    public GroupClient Groups { get; }

    public PrincipalClient Principals { get; }

    public PolicyClient Policies { get; }

    public AccessClient Access { get; }

    public UsageClient Usage { get; }

    public TierClient Tiers { get; }

    /// <summary>How long versions are kept, and legal holds.</summary>
    public RetentionClient Retention { get; }

    /// <summary>Erasing the data of subjects.</summary>
    public ErasureClient Erasures { get; }

    public ObjectClient Objects { get; }

    /// <summary>What is read from now on includes a log position that another program's answer named (<c>Catalog-Position</c>).</summary>
    public void Include(long position) => _transport.Saw(position);

    /// <summary>The catalog that <see cref="LocalCatalog"/> finds: the environment's, else this machine's.</summary>
    /// <exception cref="CatalogException">There is no key to be found, or the address is not one.</exception>
    public static CatalogClient FromEnvironment(CatalogClientOptions? options = null)
    {
        var (address, key) = LocalCatalog.Find();
        return new CatalogClient(address, key, options);
    }

    /// <summary>Starts a run of a job. Dispose it: a run that was not completed by then is marked failed.</summary>
    public async Task<ActiveRun> StartRunAsync(QualifiedName job, RunOptions? options = null, CancellationToken ct = default)
    {
        var id = options?.Id ?? Guid.CreateVersion7();
        await Runs.StartAsync(job, (options ?? new RunOptions()) with { Id = id }, ct).ConfigureAwait(false);
        return new ActiveRun(this, id, job, options?.Owner);
    }

    /// <summary>Walks from a node to what it was made from, or to what was made from it. <see cref="Lineage"/> can be asked more.</summary>
    /// <param name="node">Where to begin: <c>model:demo/flight-delay@2</c>.</param>
    /// <param name="direction">Up to the origins, down to the uses, or both at every step.</param>
    /// <param name="depth">Steps at most; the server's default when null.</param>
    /// <param name="limit">Nodes at most; the server's default when null.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<LineageTrace> LineageAsync(
        NodeId node, LineageDirection direction, int? depth = null, int? limit = null, CancellationToken ct = default) =>
        Lineage.TraceAsync(node, direction, new LineageOptions { Depth = depth, Limit = limit }, ct);

    /// <summary>
    /// Finds datasets, models, feature views, jobs, runs and deployments by words of their names, columns, tags, owners and descriptions;
    /// what fits best comes first. Words that begin so are found, too, and last what may be meant by a mistyped word.
    /// </summary>
    /// <param name="text">All the words must fit; 1 to 200 characters.</param>
    /// <param name="options">What the search is limited to.</param>
    /// <param name="ct">Stops the reading.</param>
    public IAsyncEnumerable<SearchResult> SearchAsync(string text, SearchOptions? options = null, CancellationToken ct = default)
    {
        var only = options ?? new SearchOptions();
        return Pages.ReadAsync<SearchResult>(
            _transport,
            () => Route.Of("search").With("q", text).With("kind", only.Kind?.ToString().ToLowerInvariant())
                .With("namespace", only.Namespace).With("tag", only.Tag).With("owner", only.Owner),
            only.PageSize,
            ct);
    }

    public Task<WhoAmI> WhoAmIAsync(CancellationToken ct = default) => _transport.GetAsync<WhoAmI>(Route.Of("whoami"), ct);

    /// <summary>Writes a consistent backup of the catalog to a stream. Only administrators may.</summary>
    /// <param name="target">Not disposed.</param>
    /// <param name="includeObjects">The bytes of uploaded objects go along; else only their inventory does.</param>
    /// <param name="bytes">Bytes written so far.</param>
    /// <param name="ct">Stops it.</param>
    public async Task BackupAsync(Stream target, bool includeObjects = false, IProgress<long>? bytes = null, CancellationToken ct = default)
    {
        var route = Route.Of("backup").With("objects", includeObjects ? "true" : null).ToString();
        using var response = await _transport.OpenAsync(() => _transport.Request(HttpMethod.Get, route), ct).ConfigureAwait(false);
        var archive = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        var block = new byte[128 * 1024];
        var total = 0L;
        for (int read; (read = await _transport.ReadAsync(archive, block, ct).ConfigureAwait(false)) > 0;)
        {
            await target.WriteAsync(block.AsMemory(0, read), ct).ConfigureAwait(false);
            bytes?.Report(total += read);
        }
    }

    public void Dispose() => _transport.Dispose();

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
