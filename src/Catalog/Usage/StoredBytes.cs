using System.Buffers.Binary;
using Catalog.Manifests;
using Catalog.Storage.Objects;
using Catalog.Storage.Tiering;
using Catalog.Tiering;
using Marten;

namespace Catalog.Usage;

/// <summary>Sums what owners and datasets hold in the catalog's own storage: each object once for each of them.</summary>
internal sealed class StoredBytes(IDocumentStore store, Inventory inventory, StorageTiers places)
{
    /// <summary>Bytes by the key that usage is summed by: in the object store, and in the archive.</summary>
    public async Task<Dictionary<string, (long Store, long Archive)>> ReadAsync(ReadUsage.Query q, CancellationToken ct)
    {
        var holders = await TierPolicies.LoadAsync(store, catalog: null, ct);
        var held = (await inventory.VersionsAsync(ct)).Concat(await inventory.ProjectionsAsync(ct));
        var keys = held.Where(v => Concerns(q, v))
            .ToLookup(v => v.Manifest, v => q.By == UsageBy.Owner ? holders.OwnerOf(v.Stream) : v.Stream, StringComparer.Ordinal);
        var archived = await ArchivedAsync(ct);
        var seen = new Dictionary<string, HashSet<UInt128>>(StringComparer.Ordinal);
        var sums = new Dictionary<string, (long Store, long Archive)>(StringComparer.Ordinal);
        await foreach (var list in inventory.FilesAsync(ct))
        {
            string[] users = [.. list.Manifests.SelectMany(m => keys[m]).Distinct(StringComparer.Ordinal)];
            if (users.Length == 0)
                continue;
            foreach (var file in list.Files)
            {
                if (!ContentStore.TryParseUri(file.Uri, out var sha256))
                    continue;
                var id = IdOf(sha256);
                foreach (var user in users.Where(u => Seen(u).Add(id)))
                {
                    var (inStore, inArchive) = sums.GetValueOrDefault(user);
                    sums[user] = archived.Contains(id) ? (inStore, inArchive + file.Bytes) : (inStore + file.Bytes, inArchive);
                }
            }
        }

        return sums;

        HashSet<UInt128> Seen(string user) => seen.TryGetValue(user, out var set) ? set : seen[user] = [];
    }

    private static bool Concerns(ReadUsage.Query q, HeldVersion v) =>
        (q.Node is not { } node || (v.Stream == node.StreamId && (node.VersionNumber is not { } number || number == v.Number)))
        && (q.Namespace is not { } ns || NodeId.Parse(v.Stream).Namespace == ns);

    private async Task<HashSet<UInt128>> ArchivedAsync(CancellationToken ct)
    {
        var found = new HashSet<UInt128>();
        if (places.Cold is not { } archive)
            return found;
        await foreach (var there in archive.ListAsync(ContentStore.KeyPrefix, after: null, ct))
        {
            if (ContentStore.DigestOf(there.Key) is { } sha256)
                found.Add(IdOf(sha256));
        }

        return found;
    }

    // Half of a SHA-256 tells objects apart as well, in half of the memory.
    private static UInt128 IdOf(string sha256) => BinaryPrimitives.ReadUInt128BigEndian(Convert.FromHexString(sha256));
}
