using System.Buffers;
using System.Security.Cryptography;
using Catalog.Schemas;

namespace Catalog.Integrity;

/// <summary>
/// The content hash of a version: the SHA-256 of a document made of lines, each canonical JSON (<see cref="CanonicalJson"/>) followed by a
/// line feed. The first line is <c>{"format":"catalog-content/1","schema":S}</c>; then one line per file, in the order of the paths' UTF-8
/// bytes: <c>{"bytes":"123","path":"a/b.parquet","rows":"45","sha256":"…"}</c>, with <c>"rows":null</c> where there are none to count.
/// S is null or <c>{"columns":[C,…]}</c>, and C is <c>{"name":"…","nullable":true,"type":"…"}</c>, with <c>"children":[C,…]</c> where there
/// are any. Where the bytes lie, parents, runs and statistics are no part of it. docs/integrity.md recomputes one by hand.
/// </summary>
public static class ContentHash
{
    /// <summary>The hash, in lower-case hexadecimal, of files in the order of their paths.</summary>
    /// <exception cref="ArgumentException">
    /// A path is malformed, out of order or there twice; a file has no hash or a negative size.
    /// </exception>
    public static string Compute(TableSchema? schema, IEnumerable<FileEntry> orderedByPath)
    {
        using var hasher = new ContentHasher(schema);
        foreach (var file in orderedByPath)
        {
            hasher.Add(file);
        }

        return hasher.Finish();
    }
}

/// <summary>Computes a <see cref="ContentHash"/> from files that arrive one by one.</summary>
public sealed class ContentHasher : IDisposable
{
    private const int FlushBytes = 64 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    private FileOrder _order;

    public ContentHasher(TableSchema? schema)
    {
        _buffer.Raw("{\"format\":\"catalog-content/1\",\"schema\":"u8);
        ManifestText.Schema(_buffer, schema);
        _buffer.Raw("}\n"u8);
    }

    /// <exception cref="ArgumentException">As for <see cref="ContentHash.Compute"/>.</exception>
    public void Add(FileEntry file)
    {
        _order.Next(file, hashed: true);
        ManifestText.File(_buffer, file, withUri: false);
        if (_buffer.WrittenCount >= FlushBytes)
        {
            Flush();
        }
    }

    /// <summary>The hash of everything added. Ends the computation.</summary>
    public string Finish()
    {
        Flush();
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void Flush()
    {
        _hash.AppendData(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
