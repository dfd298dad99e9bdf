using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Catalog.Storage.Files;

/// <summary>A file to read: an absolute path or <c>file://</c> URI, and what it was announced to be, where that is known.</summary>
public sealed record FileToHash(string PathOrUri, long? ExpectedBytes, string? ExpectedSha256);

/// <summary>What a file turned out to be, or why it is refused; one of the two is null.</summary>
public sealed record HashedFile(string PathOrUri, FileDigest? Digest, FileException? Problem);

/// <summary>The size and SHA-256 (lower-case hex) of a file, and what it was while they were found.</summary>
public sealed record FileDigest(long Bytes, string Sha256, FileStamp Stamp);

/// <summary>How far hashing has come.</summary>
public sealed record HashProgress(int Files, int TotalFiles, long Bytes, long TotalBytes);

/// <summary>
/// Hashes many files at once, one a processor, within the allowed roots. A file that changes while it is read (size, time of writing, or
/// the file itself), or is not what was announced, is <see cref="FileException.Changed"/>.
/// </summary>
public sealed class FileHasher(AllowedRoots roots, TimeProvider time)
{
    private const int BufferBytes = 512 * 1024;

    /// <summary>Hashes all files; the first that is refused ends it.</summary>
    /// <returns>The digests in the order of <paramref name="files"/>.</returns>
    /// <exception cref="FileException">A file is refused.</exception>
    public async Task<IReadOnlyList<FileDigest>> HashAsync(
        IReadOnlyList<FileToHash> files, IProgress<HashProgress>? progress, CancellationToken ct)
    {
        var digests = new FileDigest[files.Count];
        await ForEachAsync(files, progress, (i, meter, token) => digests[i] = Hash(files[i], meter, token), ct);
        return digests;
    }

    /// <summary>Hashes all files, and goes on after one that is refused.</summary>
    /// <returns>What became of each, in the order of <paramref name="files"/>.</returns>
    public async Task<IReadOnlyList<HashedFile>> CheckAsync(
        IReadOnlyList<FileToHash> files, IProgress<HashProgress>? progress, CancellationToken ct)
    {
        var checks = new HashedFile[files.Count];
        await ForEachAsync(files, progress, (i, meter, token) => checks[i] = Check(files[i], meter, token), ct);
        return checks;
    }

    private async Task ForEachAsync(
        IReadOnlyList<FileToHash> files,
        IProgress<HashProgress>? progress,
        Action<int, ProgressMeter, CancellationToken> body,
        CancellationToken ct)
    {
        var meter = new ProgressMeter(progress, time, files.Count, TotalBytes(files));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct };
        if (files.Count > 0) // the loop would start threads for nothing, on the way of every commit of uploaded files
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, files.Count), options, (i, token) =>
            {
                body(i, meter, token);
                meter.FileDone();
                return ValueTask.CompletedTask;
            });
        }

        meter.Finish();
    }

    private HashedFile Check(FileToHash file, ProgressMeter meter, CancellationToken ct)
    {
        try
        {
            return new(file.PathOrUri, Hash(file, meter, ct), Problem: null);
        }
        catch (FileException e)
        {
            return new(file.PathOrUri, Digest: null, e);
        }
    }

    private FileDigest Hash(FileToHash file, ProgressMeter meter, CancellationToken ct)
    {
        var (path, before) = roots.Resolve(file.PathOrUri);
        if (file.ExpectedBytes is { } announced && announced != before.Bytes)
            throw Changed(file, $"has {before.Bytes} bytes, not {announced} as announced");

        var digest = Read(file.PathOrUri, path, before, meter, ct);
        if (digest.Bytes != before.Bytes || FileStatus.Of(path) != before)
            throw Changed(file, "changed while it was read");
        if (file.ExpectedSha256 is { } sha256 && !sha256.Equals(digest.Sha256, StringComparison.OrdinalIgnoreCase))
            throw Changed(file, $"has the SHA-256 {digest.Sha256}, not {sha256} as announced");
        return digest;
    }

    private FileDigest Read(string file, string path, FileStatus before, ProgressMeter meter, CancellationToken ct)
    {
        using var handle = roots.OpenHandle(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var bytes = 0L;
            for (int read; (read = ReadAt(file, handle, buffer, bytes)) > 0; bytes += read)
            {
                ct.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                meter.BytesDone(read);
            }

            return new(bytes, Convert.ToHexStringLower(hash.GetHashAndReset()), new FileStamp(path, before));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int ReadAt(string file, SafeFileHandle handle, byte[] buffer, long offset)
    {
        try
        {
            return RandomAccess.Read(handle, buffer, offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileException.From(file, e);
        }
    }

    private long TotalBytes(IReadOnlyList<FileToHash> files) => files.Sum(f => f.ExpectedBytes ?? SizeOf(f));

    /// <summary>For the total only: what is wrong with a file is said when its turn comes.</summary>
    private long SizeOf(FileToHash file)
    {
        try
        {
            return roots.ResolveFile(file.PathOrUri).Bytes;
        }
        catch (FileException)
        {
            return 0;
        }
    }

    private static FileException Changed(FileToHash file, string why) => FileException.Because(FileException.Changed, file.PathOrUri, why);
}
