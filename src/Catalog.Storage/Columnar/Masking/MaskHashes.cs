using System.Collections.Concurrent;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>
/// The hashes of a catalog's key for whoever masks a few values at a time: what is remembered of values hashed lately is shared by all of
/// them, since each for itself would remember little and take as much memory. Used by several threads at once.
/// </summary>
/// <param name="key">Of the catalog: 32 random bytes.</param>
public sealed class MaskHashes(ReadOnlyMemory<byte> key)
{
    private readonly HmacKey _key = new(key);
    private readonly ConcurrentDictionary<HashShape, KeyedHashes> _shapes = new();

    internal KeyedHashes Of(HashShape shown) =>
        _shapes.TryGetValue(shown, out var known) ? known : _shapes.GetOrAdd(shown, static (s, key) => new(key, s), _key);
}
