using System.IO.Compression;
using System.Numerics;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;

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

    /// <summary>The body that a stored one was compressed from, checked.</summary>
    /// <exception cref="ProblemException">It is not what its hash says.</exception>
    public static ReadOnlyMemory<byte> Read(string hash, byte[] stored)
    {
        try
        {
            var body = Decompress(stored);
            return Sha256.Hash(body.Span) == hash ? body : throw ManifestDamage.In($"chunk {hash}");
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or IOException)
        {
            throw ManifestDamage.In($"chunk {hash}");
        }
    }

    /// <summary>The body that one was compressed from, whatever it is.</summary>
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

/// <summary>A list of files that is not what was committed.</summary>
internal static class ManifestDamage
{
    /// <summary>Whatever rests on it must not be answered: files would be compared with a list that somebody else wrote.</summary>
    public static ProblemException In(string what) =>
        new(Problem.Of(
            "manifest.damaged", $"The manifest {what} is not what its hash says: it was changed in the database, or is damaged."));
}
