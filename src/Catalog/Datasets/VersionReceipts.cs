using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Datasets;

/// <summary>Answers for versions that were made before: the same request again gets the same version.</summary>
internal static class VersionReceipts
{
    /// <summary>The version that this idempotency key stands for on this dataset; null when it is new or there is no key.</summary>
    public static async Task<Outcome<CommitVersion.CommitReceipt>?> FindCommitAsync(
        this IQuerySession pages, States states, NodeId dataset, string? key, string? digest, CancellationToken ct)
    {
        if (key is null || await CommitKeys.FindAsync(pages, dataset.StreamId, key, ct) is not { } used)
            return null;
        if (used.RequestDigest != digest)
            return KeyReused(dataset.WithVersion(used.Number));
        var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.StreamId, used.Number), ct)
            ?? throw new InvalidOperationException($"{dataset}@{used.Number} has no page.");
        return await page.ToReceiptAsync(states, ct);
    }

    public static Problem KeyReused(NodeId version) =>
        Problem.Of("version.key_reused", $"The idempotency key was used for another request, which was answered with '{version}'.");

    /// <summary>The receipt of a version that was there already.</summary>
    public static async Task<CommitVersion.CommitReceipt> ToReceiptAsync(this VersionPage page, States states, CancellationToken ct)
    {
        var (version, position) = await states.FindEndAsync(page.Dataset, ct);
        return new(NodeId.Parse(page.Id), Changed: false, position, page.Number, version, page.ContentHash, page.SchemaChange);
    }
}
