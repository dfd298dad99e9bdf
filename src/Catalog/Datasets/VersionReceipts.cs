using Catalog.Platform;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Datasets;

/// <summary>Answers for versions that were made before: the same request again gets the same version.</summary>
internal static class VersionReceipts
{
    /// <summary>The version that this idempotency key made on this dataset; null when it is new or there is no key.</summary>
    public static async Task<Outcome<CommitVersion.CommitReceipt>?> FindCommitAsync(
        this IQuerySession pages, States states, NodeId dataset, string? key, string? digest, CancellationToken ct)
    {
        if (key is null)
            return null;
        var stream = dataset.StreamId;
        var page = await pages.Query<VersionPage>().Where(v => v.Dataset == stream && v.IdempotencyKey == key).FirstOrDefaultAsync(ct);
        return page switch
        {
            null => null,
            _ when page.RequestDigest == digest => await page.ToReceiptAsync(states, ct),
            _ => Problem.Of("version.key_reused", $"The idempotency key was used for another request, which made '{page.Id}'."),
        };
    }

    /// <summary>The receipt of a version that was there already.</summary>
    public static async Task<CommitVersion.CommitReceipt> ToReceiptAsync(this VersionPage page, States states, CancellationToken ct)
    {
        var (version, position) = await states.FindEndAsync(page.Dataset, ct);
        return new(NodeId.Parse(page.Id), Changed: false, position, page.Number, version, page.ContentHash, page.SchemaChange);
    }
}
