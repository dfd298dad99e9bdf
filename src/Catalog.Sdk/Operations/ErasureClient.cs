using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Erasing the data of subjects. Only administrators may, and whom policies allow to <c>erase</c>.</summary>
public sealed class ErasureClient
{
    private readonly Transport _transport;

    internal ErasureClient(Transport transport) => _transport = transport;

    /// <summary>Says where a subject's data is, and what erasing it would do. Nothing is changed.</summary>
    /// <param name="subject">Values by column: a row is the subject's where any of these columns has the value.</param>
    /// <param name="within">Namespaces, or datasets as nodes, that the search begins in; all where null.</param>
    /// <param name="progress">Told about files that were looked into.</param>
    /// <param name="ct">Stops the search.</param>
    public Task<ErasurePlan> PlanAsync(
        IReadOnlyDictionary<string, string> subject, IReadOnlyList<string>? within = null, IProgress<WorkProgress>? progress = null,
        CancellationToken ct = default) =>
        LongWork.RunAsync<ErasurePlan>(
            _transport, Route.Of("erasures", "plan"), new { subject, within }, WorkStage.Searching, progress, ct);

    /// <summary>
    /// Erases the data of a subject. Asked for again after it was stopped, it goes on where it was.
    /// </summary>
    /// <param name="subject">As in <see cref="PlanAsync"/>.</param>
    /// <param name="reason">Why; nothing about persons.</param>
    /// <param name="within">As in <see cref="PlanAsync"/>.</param>
    /// <param name="progress">Told about files that were looked into.</param>
    /// <param name="ct">Stops it; what was done by then is.</param>
    public Task<ErasureRecord> EraseAsync(
        IReadOnlyDictionary<string, string> subject, string reason, IReadOnlyList<string>? within = null,
        IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        LongWork.RunAsync<ErasureRecord>(
            _transport, Route.Of("erasures"), new { subject, reason, within }, WorkStage.Searching, progress, ct);

    /// <summary>An erasure and its certificate.</summary>
    /// <exception cref="CatalogException"><c>erasure.not_found</c></exception>
    public Task<ErasureRecord> GetAsync(Guid id, CancellationToken ct = default) =>
        _transport.GetAsync<ErasureRecord>(Route.Of("erasures", id.ToString("D")), ct);

    /// <summary>Erasures, the newest first; at most 1,000.</summary>
    public async Task<IReadOnlyList<ListedErasure>> ListAsync(CancellationToken ct = default) =>
        (await _transport.GetAsync<Listed>(Route.Of("erasures"), ct).ConfigureAwait(false)).Erasures;

    private sealed record Listed(IReadOnlyList<ListedErasure> Erasures);
}

/// <summary>What erasing a subject's data would do.</summary>
/// <param name="Subject">Keyed hash of the subject, which is all that the catalog keeps of it.</param>
/// <param name="Versions">That would be succeeded by others.</param>
/// <param name="Generations">Of features, that would be dropped; what serves among them would be made anew before.</param>
/// <param name="Objects">That would be removed from every tier.</param>
/// <param name="Bytes">Of those.</param>
/// <param name="Tiers">Where copies of those can be.</param>
/// <param name="PushedRows">Rows of the push log that would be removed.</param>
/// <param name="Predictions">Predictions that are in no version yet and would be removed.</param>
/// <param name="Bodies">OpenLineage events whose text would be removed.</param>
/// <param name="Profiles">Principals whose profile would be removed.</param>
/// <param name="Deployments">Where models serve that were trained on it.</param>
/// <param name="FeatureViews">Versions of views whose values were made of it.</param>
/// <param name="Remains">What would hold the subject's data still, or may.</param>
public sealed record ErasurePlan(
    string Subject, IReadOnlyList<ErasableVersion> Versions, IReadOnlyList<NodeId> Generations, long Objects, long Bytes,
    IReadOnlyList<string> Tiers, long PushedRows, long Predictions, long Bodies, IReadOnlyList<string> Profiles,
    IReadOnlyList<NodeId> Deployments, IReadOnlyList<NodeId> FeatureViews, ErasureRemains Remains);

/// <param name="Node">The version.</param>
/// <param name="Rows">Of the subject; 0 for a training set that only was made of such.</param>
/// <param name="Files">That have such rows.</param>
/// <param name="TrainingSet">Whether it would be made again by its recipe.</param>
public sealed record ErasableVersion(NodeId Node, long Rows, long Files, bool TrainingSet);

/// <summary>What an erasure does not reach: somebody has to see to it.</summary>
/// <param name="Held">Datasets that hold rows of the subject and are under a legal hold.</param>
/// <param name="Models">Versions that were trained on data that was erased: what they learnt of it cannot be taken out of them.</param>
/// <param name="Derived">Versions made of data that was erased, without a column that would tell the subject's part.</param>
/// <param name="Unsearched">Datasets with files that are no tables, which nobody looked into.</param>
/// <param name="InPlace">Files in folders of others, which the catalog reads and does not own.</param>
/// <param name="Shared">SHA-256 of objects that other versions have, too.</param>
/// <param name="Failures">What could not be done, in a sentence each.</param>
public sealed record ErasureRemains(
    IReadOnlyList<NodeId> Held, IReadOnlyList<NodeId> Models, IReadOnlyList<NodeId> Derived, IReadOnlyList<NodeId> Unsearched,
    IReadOnlyList<string> InPlace, IReadOnlyList<string> Shared, IReadOnlyList<string> Failures);

/// <param name="Id">Of the erasure.</param>
/// <param name="Subject">Keyed hash of the subject.</param>
/// <param name="Completed">Whether it is done.</param>
public sealed record ListedErasure(Guid Id, string Subject, bool Completed);

/// <summary>An erasure.</summary>
/// <param name="Id">Of the erasure.</param>
/// <param name="Subject">Keyed hash of the subject.</param>
/// <param name="Columns">That told the subject's rows from others.</param>
/// <param name="Within">Where the search began; empty for everywhere.</param>
/// <param name="Reason">Why.</param>
/// <param name="BegunAt">When it was begun.</param>
/// <param name="BegunBy">By whom.</param>
/// <param name="CompletedAt">When it was done; null while it is not.</param>
/// <param name="Position">Log position of the certificate; of the beginning while there is none.</param>
/// <param name="CertificateHash">SHA-256 of the certificate in canonical JSON; null while there is none.</param>
/// <param name="Certificate">What was erased, and what was not; null while it is not done.</param>
public sealed record ErasureRecord(
    Guid Id, string Subject, IReadOnlyList<string> Columns, IReadOnlyList<string> Within, string Reason, DateTimeOffset BegunAt,
    string? BegunBy, DateTimeOffset? CompletedAt, long Position, string? CertificateHash, ErasureCertificate? Certificate) : IAtPosition;

/// <summary>What was erased, and what was not.</summary>
/// <param name="Versions">That are not kept any more.</param>
/// <param name="Objects">Objects that were removed from every tier.</param>
/// <param name="Bytes">Of those.</param>
/// <param name="Generations">Of features, that are not served any more.</param>
/// <param name="PushedRows">Removed from the push log.</param>
/// <param name="Predictions">Removed that were not in a version yet.</param>
/// <param name="Bodies">OpenLineage events whose text was removed.</param>
/// <param name="Profiles">Of principals, that were removed.</param>
/// <param name="Remains">What holds the subject's data still, or may.</param>
public sealed record ErasureCertificate(
    IReadOnlyList<ErasedVersion> Versions, long Objects, long Bytes, IReadOnlyList<NodeId> Generations, long PushedRows, long Predictions,
    long Bodies, long Profiles, ErasureRemains Remains);

/// <param name="Node">The version.</param>
/// <param name="ContentHash">Of what it held.</param>
/// <param name="Successor">The version that has what is left.</param>
/// <param name="SuccessorContentHash">Of what that holds.</param>
public sealed record ErasedVersion(NodeId Node, string? ContentHash, NodeId? Successor, string? SuccessorContentHash);
