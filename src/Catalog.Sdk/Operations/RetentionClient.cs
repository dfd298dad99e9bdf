using Catalog.Retention;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>How long versions are kept, and what is held. Only administrators may change it.</summary>
public sealed class RetentionClient
{
    private readonly Transport _transport;

    internal RetentionClient(Transport transport) => _transport = transport;

    /// <summary>Declares how long a dataset's versions are kept. Nothing goes before <see cref="ExpireAsync"/>.</summary>
    public Task<Receipt> DeclareAsync(QualifiedName dataset, RetentionPolicy policy, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of("datasets", dataset, "retention"), policy, ct);

    /// <summary>Keeps all versions of a dataset.</summary>
    public Task<Receipt> WithdrawAsync(QualifiedName dataset, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Delete, Route.Of("datasets", dataset, "retention"), body: null, ct);

    /// <summary>Places a legal hold: no version of the dataset expires or is erased while any hold is on it.</summary>
    /// <param name="dataset">That is held.</param>
    /// <param name="hold">The hold's name: of a case.</param>
    /// <param name="reason">Why; nothing about persons.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<Receipt> HoldAsync(QualifiedName dataset, string hold, string reason, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of("datasets", dataset, "holds", hold), new { reason }, ct);

    /// <summary>Releases a legal hold; others that are on the dataset bind it still.</summary>
    public Task<Receipt> ReleaseAsync(QualifiedName dataset, string hold, string reason, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of("datasets", dataset, "holds", hold, "release"), new { reason }, ct);

    /// <summary>The datasets that say how long their versions are kept, and those that are held.</summary>
    public async Task<IReadOnlyList<DatasetRetention>> ListAsync(CancellationToken ct = default) =>
        (await _transport.GetAsync<Listed>(Route.Of("retention"), ct).ConfigureAwait(false)).Datasets;

    /// <summary>Removes the versions whose time is over. Their bytes are freed by collections of garbage.</summary>
    /// <param name="dryRun">Nothing goes: the answer says what would.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<ExpiryReport> ExpireAsync(bool dryRun = false, CancellationToken ct = default) =>
        _transport.SendAsync<ExpiryReport>(HttpMethod.Post, Route.Of("retention", "expire"), new { dryRun }, ct);

    private sealed record Listed(IReadOnlyList<DatasetRetention> Datasets);
}

/// <param name="Node">The dataset.</param>
/// <param name="Retention">How long versions are kept; null where all are.</param>
/// <param name="Holds">Legal holds that are on it, with their reasons.</param>
public sealed record DatasetRetention(NodeId Node, RetentionPolicy? Retention, IReadOnlyDictionary<string, string> Holds);

/// <param name="DryRun">Whether this only says what would be.</param>
/// <param name="Versions">That went now, or would.</param>
/// <param name="Held">Datasets that have versions whose time is over, and are held.</param>
public sealed record ExpiryReport(bool DryRun, IReadOnlyList<ExpiredVersion> Versions, IReadOnlyList<HeldDataset> Held);

/// <param name="Node">The version.</param>
/// <param name="Bytes">Of its files together; other versions can have the same files.</param>
/// <param name="SupersededAt">When the next version was made.</param>
public sealed record ExpiredVersion(NodeId Node, long Bytes, DateTimeOffset SupersededAt);

/// <param name="Node">The dataset.</param>
/// <param name="Versions">How many versions would have gone.</param>
/// <param name="Holds">That are on it.</param>
public sealed record HeldDataset(NodeId Node, int Versions, IReadOnlyList<string> Holds);
