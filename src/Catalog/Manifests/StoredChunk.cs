using System.IO.Compression;
using System.Numerics;
using Catalog.Integrity;

namespace Catalog.Manifests;

/// <summary>A piece of a manifest as the database holds it.</summary>
/// <param name="Hash">SHA-256 of the body before compression.</param>
/// <param name="Files">How many files it lists.</param>
/// <param name="Body">Compressed with Brotli.</param>
/// <param name="FileHashes">SHA-256 of each file, in the order of the list.</param>
internal sealed record StoredChunk(byte[] Hash, int Files, byte[] Body, IReadOnlyList<byte[]> FileHashes)
{
    public static StoredChunk Of(ManifestChunk chunk, IReadOnlyList<string> fileHashes) =>
        new(Convert.FromHexString(chunk.Hash), chunk.Files, Compress(chunk.Body.Span), [.. fileHashes.Select(Convert.FromHexString)]);

    /// <summary>The body that a stored one was compressed from.</summary>
    public static ReadOnlyMemory<byte> Decompress(byte[] body)
    {
        using var decoder = new BrotliStream(new MemoryStream(body), CompressionMode.Decompress);
        using var plain = new MemoryStream(body.Length * 3);
        decoder.CopyTo(plain);
        return plain.ToArray();
    }

    private static byte[] Compress(ReadOnlySpan<byte> body)
    {
        // A window no larger than the body: setting up the largest costs more than compressing a small chunk.
        var window = Math.Clamp(BitOperations.Log2((uint)body.Length) + 1, 10, 22);
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(body.Length)];
        return BrotliEncoder.TryCompress(body, buffer, out var written, quality: 1, window)
            ? buffer[..written]
            : throw new InvalidOperationException("A manifest chunk did not fit its own bound.");
    }
}
