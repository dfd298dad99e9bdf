using Catalog.Columns;
using Catalog.Storage.Columnar.Masking;

namespace Catalog.Serving;

/// <summary>The hashes that lookups show: those that reads of columns show. The database is asked for their key once.</summary>
internal sealed class LookupHashes(MaskKey key)
{
    private volatile MaskHashes? _hashes;

    public async ValueTask<MaskHashes> GetAsync(CancellationToken ct) => _hashes ??= new(await key.GetAsync(ct));
}
