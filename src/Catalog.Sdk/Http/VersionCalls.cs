namespace Catalog.Sdk.Http;

/// <summary>What datasets and models have in common: versions of files, aliases, retirement.</summary>
/// <param name="transport">Where to.</param>
/// <param name="root"><c>datasets</c> or <c>models</c>.</param>
internal sealed class VersionCalls(Transport transport, string root)
{
    public Transport Transport { get; } = transport;

    /// <summary>The same, with what is read counted for a run.</summary>
    public VersionCalls For(Guid run) => new(Transport.For(run), root);

    public IAsyncEnumerable<T> ListAsync<T>(QualifiedName name, int pageSize, CancellationToken ct) =>
        Pages.ReadAsync<T>(Transport, () => Route.Of(root, name, "versions"), pageSize, ct);

    public Task<T> GetAsync<T>(QualifiedName name, VersionRef version, CancellationToken ct) =>
        Transport.GetAsync<T>(Route.Of(root, name, "versions", version.Text), ct);

    public IAsyncEnumerable<VersionFile> FilesAsync(QualifiedName name, VersionRef version, int pageSize, CancellationToken ct) =>
        Pages.ReadFilesAsync<VersionFile>(
            Transport, () => Route.Of(root, name, "versions", version.Text, "files"), pageSize,
            (file, projection) => file with { Projection = projection }, ct);

    public async Task<Stream> OpenAsync(QualifiedName name, VersionRef version, string path, string? sha256, CancellationToken ct)
    {
        var target = Route.Of(root, name, "versions", version.Text, "content").With("path", path).ToString();
        var stream = new ContentStream(
            Transport, (from, token) => Transport.OpenAtAsync(() => Transport.Request(HttpMethod.Get, target), from, token), path, sha256);
        return await stream.OpenAsync(ct).ConfigureAwait(false);
    }

    public IAsyncEnumerable<SignedFile> SignedFilesAsync(
        QualifiedName name, VersionRef version, string? prefix, TimeSpan? lifetime, int pageSize, CancellationToken ct) =>
        Pages.ReadFilesAsync<SignedFile>(
            Transport, () => Signed(name, version, lifetime).With("prefix", prefix), pageSize,
            (file, projection) => file with { Projection = projection }, ct);

    public async Task<SignedFile> SignAsync(QualifiedName name, VersionRef version, string path, TimeSpan? lifetime, CancellationToken ct)
    {
        var route = Signed(name, version, lifetime).With("path", path);
        var answer = await Transport.GetAsync<FilesAnswer<SignedFile>>(route, ct).ConfigureAwait(false);
        return answer.Items[0] with { Projection = answer.Projection };
    }

    private Route Signed(QualifiedName name, VersionRef version, TimeSpan? lifetime) =>
        Route.Of(root, name, "versions", version.Text, "files", "signed").With("lifetimeSeconds", (long?)lifetime?.TotalSeconds);

    public Route Columns(QualifiedName name, VersionRef version, ColumnQuery query)
    {
        var route = Route.Of(root, name, "versions", version.Text, "columns").With("filter", query.Filter);
        foreach (var column in query.Columns ?? [])
            route.With("column", column);
        if (query.Shards != 1)
            route.With("shard", query.Shard).With("shards", query.Shards);
        return route.With("batchRows", query.BatchRows)
            .With("compression", query.Compression is ColumnCompression.None ? null : query.Compression.ToString().ToLowerInvariant());
    }

    public Route Training(QualifiedName name, VersionRef version, TrainingQuery query)
    {
        var route = Route.Of(root, name, "versions", version.Text, "columns").With("filter", query.Filter);
        foreach (var column in query.Columns ?? [])
            route.With("column", column);

        // One of these makes it a training read; a token tells its own epoch.
        return route.With("seed", query.Seed).With("epoch", query.Token is null ? query.Epoch ?? 0 : query.Epoch)
            .With("token", query.Token?.ToString())
            .With("shard", query.Shard).With("shards", query.Shards).With("uneven", Word(query.Uneven))
            .With("lanes", query.Lanes).With("windowRows", query.WindowRows).With("batchRows", query.BatchRows)
            .With("compression", Word(query.Compression));
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>Each verification is recorded, so one that may have been made is not asked for again.</summary>
    public Task<Verification> VerifyAsync(
        QualifiedName name, VersionRef version, IProgress<WorkProgress>? progress, CancellationToken ct) =>
        LongWork.RunAsync<Verification>(
            Transport,
            Route.Of(root, name, "versions", version.Text, "verify"),
            body: null,
            WorkStage.Verifying,
            progress,
            ct,
            Repeat.IfNotActedOn);

    public Task<Receipt> SetAliasAsync(QualifiedName name, string alias, long version, CancellationToken ct) =>
        Transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of(root, name, "aliases", alias), new AliasBody(version), ct);

    public Task<Receipt> RemoveAliasAsync(QualifiedName name, string alias, CancellationToken ct) =>
        Transport.SendAsync<Receipt>(HttpMethod.Delete, Route.Of(root, name, "aliases", alias), body: null, ct);

    public Task<Receipt> RetireAsync(QualifiedName name, string? reason, CancellationToken ct) =>
        Transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(root, name, "retire"), new ReasonBody(reason), ct);
}
