using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Catalog.Integrity;

/// <summary>
/// A piece of a version's file list. The body is one line of canonical JSON per file,
/// <c>{"bytes":"123","path":"…","rows":"45","sha256":"…","uri":"…"}</c>; the hash is the SHA-256 of the body as given here, before any
/// compression. Bytes and rows are sums over the files; rows are null when one file's are.
/// </summary>
public sealed record ManifestChunk(string Hash, int Files, long Bytes, long? Rows, string FirstPath, ReadOnlyMemory<byte> Body)
{
    public ChunkRef Reference => new(Hash, Files, Bytes, Rows, FirstPath);
}

/// <summary>
/// Cuts a file list into chunks that versions can share. Where a chunk begins is decided by the file's path alone: wherever the first four
/// bytes of the SHA-256 of the path's UTF-8, as a big-endian number, divide by 1,024, and after 8,192 files at the latest. So a change
/// in one place leaves the chunks elsewhere as they were (content-defined chunking).
/// </summary>
public static class ManifestChunks
{
    /// <summary>The average number of files in a chunk.</summary>
    public const int AverageFiles = 1_024;

    /// <summary>The largest number of files in a chunk.</summary>
    public const int MaxFiles = 8_192;

    /// <summary>Cuts while it is enumerated, holding one chunk in memory. No files make no chunks.</summary>
    /// <exception cref="ArgumentException">
    /// A path is malformed, out of order or there twice; a hash is malformed or a size negative.
    /// </exception>
    /// <exception cref="OverflowException">The bytes or rows of a chunk's files are more than a number can hold.</exception>
    public static IEnumerable<ManifestChunk> Split(IEnumerable<FileEntry> ordered)
    {
        var order = default(FileOrder);
        var builder = new Builder();
        foreach (var file in ordered)
        {
            order.Next(file, hashed: false);
            if (builder.Files > 0 && (builder.Files == MaxFiles || Begins(file.Path)))
            {
                yield return builder.Cut();
            }

            builder.Add(file);
        }

        if (builder.Files > 0)
        {
            yield return builder.Cut();
        }
    }

    /// <summary>The files in the body of a chunk, read one by one.</summary>
    /// <exception cref="InvalidDataException">The body is not one that <see cref="Split"/> made.</exception>
    public static IEnumerable<FileEntry> Read(ReadOnlyMemory<byte> body)
    {
        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            if (end < 0)
            {
                throw new InvalidDataException("A manifest chunk ends within a line.");
            }

            yield return ManifestText.ReadFile(body.Span[..end]);
            body = body[(end + 1)..];
        }
    }

    internal static bool Begins(string path)
    {
        Span<byte> utf8 = stackalloc byte[LogicalPath.MaxBytes];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(path, utf8)], hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash) % AverageFiles == 0;
    }

    private sealed class Builder
    {
        private readonly ArrayBufferWriter<byte> _body = new(4 * 1024);
        private string _firstPath = "";
        private long _bytes;
        private long? _rows = 0;

        public int Files { get; private set; }

        public void Add(FileEntry file)
        {
            _firstPath = Files == 0 ? file.Path : _firstPath;
            Files++;
            _bytes = checked(_bytes + file.Bytes);
            _rows = checked(_rows + file.Rows);
            ManifestText.File(_body, file, withUri: true);
        }

        public ManifestChunk Cut()
        {
            var body = _body.WrittenSpan.ToArray();
            var chunk = new ManifestChunk(Sha256.Hash(body), Files, _bytes, _rows, _firstPath, body);
            _body.ResetWrittenCount();
            (_firstPath, Files, _bytes, _rows) = ("", 0, 0, 0);
            return chunk;
        }
    }
}
