using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Catalog.Storage.Objects.Local;

/// <summary>
/// Objects as files of the same name. A put writes to <c>.uploads/</c> on the same volume, syncs the file, links it to its name (which
/// fails when the name is taken: that is the conditional create), syncs the folder and removes the upload's own name. A crash leaves at
/// most an upload.
/// </summary>
internal sealed class LocalObjectStore : IObjectStore, ILocalCopies
{
    private const string UploadsFolder = ".uploads";
    private const int BufferBytes = 256 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // A file system shared by several hosts may not show another host's lock, so what could be a slow client's is left alone for this long.
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    private readonly string _root;
    private readonly string _uploads;
    private readonly ConcurrentDictionary<string, bool> _durable = new(StringComparer.Ordinal);

    private LocalObjectStore(string root)
    {
        _root = root;
        _uploads = Path.Combine(root, UploadsFolder);
    }

    public static LocalObjectStore Open(string folder)
    {
        var store = new LocalObjectStore(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        store.Prepare();
        return store;
    }

    public Task CheckAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Prepare();
        return Task.CompletedTask;
    }

    public Task<ObjectInfo> PutAsync(string key, Stream content, string? sha256, CancellationToken ct)
    {
        ObjectKey.Require(key);
        return StoreAsync(_ => key, content, sha256?.ToLowerInvariant(), isNamedByContent: false, key, ct);
    }

    public Task<ObjectInfo> PutAsync(Func<string, string> keyOf, Stream content, string? sha256, CancellationToken ct) =>
        StoreAsync(
            digest => ObjectKey.Require(keyOf(digest)),
            content,
            sha256?.ToLowerInvariant(),
            isNamedByContent: true,
            "(named by its content)",
            ct);

    public Task<Stream> OpenReadAsync(string key, long offset, long? length, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        var path = PathOf(key);
        return Task.FromResult(LocalFaults.Guard<Stream>(key, () =>
        {
            if (Directory.Exists(path))
                throw ObjectStoreException.NotFound(key);
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var end = RandomAccess.GetLength(handle);
            var start = Math.Min(end, offset < 0 ? Math.Max(0, end + offset) : offset);
            return new FileRangeStream(handle, key, start, start + Math.Min(end - start, length ?? long.MaxValue));
        }));
    }

    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var file = new FileInfo(PathOf(key));
        return Task.FromResult(LocalFaults.Guard(key, () => file.Exists ? new ObjectInfo(key, file.Length, Sha256: null) : null));
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        foreach (var found in LocalListing.Walk(_root, UploadsFolder, prefix, after))
        {
            ct.ThrowIfCancellationRequested();
            yield return found;
        }
    }

    public string? FindPath(string key) => PathOf(key) is var path && File.Exists(path) ? path : null;

    public Task DeleteAsync(string key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var path = PathOf(key);
        LocalFaults.Guard(key, () =>
        {
            if (!File.Exists(path))
                return;
            File.Delete(path);
            Posix.SyncFolder(FolderOf(path));
        });
        return Task.CompletedTask;
    }

    private void Prepare() => LocalFaults.Guard(_root, () =>
    {
        CreateFolder(_root);
        CreateFolder(_uploads);
        RemoveAbandonedUploads();
    });

    private async Task<ObjectInfo> StoreAsync(
        Func<string, string> keyOf, Stream content, string? expected, bool isNamedByContent, string label, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var upload = Path.Combine(_uploads, Guid.CreateVersion7().ToString("N"));
        using var handle = LocalFaults.Guard(
            label, () => File.OpenHandle(upload, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete));
        try
        {
            var (bytes, digest) = await WriteAsync(content, handle, label, ct);
            if (expected is not null && expected != digest)
                throw ObjectStoreException.DigestMismatch(expected, digest);

            var key = keyOf(digest);
            await PlaceAsync(upload, key, bytes, digest, isNamedByContent, ct);
            return new(key, bytes, digest);
        }
        finally
        {
            RemoveUpload(upload);
        }
    }

    /// <summary>What cannot be removed now is removed at the next start, and must not hide why the put failed.</summary>
    private static void RemoveUpload(string upload)
    {
        try
        {
            File.Delete(upload);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Debug.WriteLine(e.Message);
        }
    }

    private static async Task<(long Bytes, string Digest)> WriteAsync(
        Stream content, SafeFileHandle target, string label, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var bytes = 0L;
            for (int read; (read = await content.ReadAsync(buffer, ct)) > 0; bytes += read)
            {
                var (start, chunk) = (bytes, buffer.AsMemory(0, read));
                hash.AppendData(chunk.Span);
                LocalFaults.Guard(label, () => RandomAccess.Write(target, chunk.Span, start));
            }

            LocalFaults.Guard(label, () => RandomAccess.FlushToDisk(target));
            return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task PlaceAsync(string upload, string key, long bytes, string digest, bool isNamedByContent, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var path = PathOf(key);
        var placed = LocalFaults.Guard(key, () =>
        {
            CreateFolder(FolderOf(path));
            return Posix.TryPlace(upload, path);
        });
        if (!placed && !await HoldsAsync(key, path, bytes, digest, ct))
        {
            if (!isNamedByContent)
                throw ObjectStoreException.Conflict(key);
            LocalFaults.Guard(key, () => File.Move(upload, path, overwrite: true));
        }

        // Also when another writer placed the same content: it may not have synced the folders yet, and we promise durability.
        LocalFaults.Guard(key, () => MakeDurable(FolderOf(path)));
    }

    // The names in the folder, and once in the life of this process those of the folders above it: whoever made them may have died before
    // syncing.
    private void MakeDurable(string folder)
    {
        Posix.SyncFolder(folder);
        MakeNameDurable(folder);
    }

    private void MakeNameDurable(string folder)
    {
        if (folder == _root || _durable.ContainsKey(folder))
            return;
        MakeNameDurable(FolderOf(folder));
        Posix.SyncFolder(FolderOf(folder));
        _durable.TryAdd(folder, true);
    }

    private async Task<bool> HoldsAsync(string key, string path, long bytes, string digest, CancellationToken ct)
    {
        if (Directory.Exists(path))
            throw ObjectStoreException.InvalidKey(key, "is the folder of another object");
        if (await HeadAsync(key, ct) is not { } existing || existing.Bytes != bytes)
            return false;

        await using var stream = await OpenReadAsync(key, 0, null, ct);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct)) == digest;
    }

    private string PathOf(string key) => Path.Join(_root, ObjectKey.Require(key));

    private static string FolderOf(string path) => Path.GetDirectoryName(path) ?? path;

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (File.Exists(folder))
            throw ObjectStoreException.InvalidKey(Path.GetFileName(folder), "is an object and cannot be a folder too");

        var parent = FolderOf(folder);
        if (parent != folder)
            CreateFolder(parent);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly);
        Posix.SyncFolder(parent);
    }

    /// <summary>An upload is abandoned when it was not written to for a day and nobody holds its lock.</summary>
    private void RemoveAbandonedUploads()
    {
        var dead = TimeProvider.System.GetUtcNow().UtcDateTime - AbandonedAfter;
        foreach (var upload in Directory.EnumerateFiles(_uploads))
        {
            if (File.GetLastWriteTimeUtc(upload) < dead && IsUnlocked(upload))
                File.Delete(upload);
        }
    }

    private static bool IsUnlocked(string upload)
    {
        try
        {
            using var handle = File.OpenHandle(upload, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
