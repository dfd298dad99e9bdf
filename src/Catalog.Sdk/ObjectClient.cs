using System.Net.Http.Headers;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>
/// Bytes in the catalog's object store, named by their hash. Committing uploads by itself; this is for those who upload ahead.
/// </summary>
public sealed class ObjectClient
{
    private readonly Transport _transport;

    internal ObjectClient(Transport transport) => _transport = transport;

    /// <summary>Uploads a file, hashed on both sides while it streams.</summary>
    /// <exception cref="CatalogException">
    /// <c>file.changed</c> when the file changed on the way, also when it grew or shrank; <c>client.file_unreadable</c>.
    /// </exception>
    public Task<StoredObject> UploadAsync(string localPath, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        UploadAsync(localPath, new TransferCount(WorkStage.Uploading, 1, TryLength(localPath), progress), ct);

    /// <summary>Uploads a stream from where it stands. Only one that can seek can be sent again when the catalog is busy.</summary>
    /// <param name="content">Not disposed.</param>
    /// <param name="progress">Bytes sent.</param>
    /// <param name="ct">Stops the upload; nothing is stored then.</param>
    public Task<StoredObject> UploadAsync(
        Stream content, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var start = content.CanSeek ? content.Position : 0;
        var length = content.CanSeek ? content.Length - start : (long?)null;
        var count = new TransferCount(WorkStage.Uploading, 1, length, progress);
        return UploadAsync("The stream", Rewind, leaveOpen: true, content.CanSeek ? Repeat.Always : Repeat.Never, count, ct);

        Stream Rewind()
        {
            if (content.CanSeek)
                content.Position = start;
            return content;
        }
    }

    /// <summary>
    /// Frees the objects that no version has. An object is noted when it is found unused, and freed by a later collection once it has been
    /// unused for the grace, so that uploads have time to be committed. Only administrators may.
    /// </summary>
    /// <param name="dryRun">Nothing is noted and nothing freed: the answer says what would be.</param>
    /// <param name="grace">24 hours where null. None frees at once, and may take an upload away that is being committed.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<GarbageReport> CollectGarbageAsync(bool dryRun = false, TimeSpan? grace = null, CancellationToken ct = default) =>
        _transport.SendAsync<GarbageReport>(
            HttpMethod.Post, Route.Of("garbage", "collect"), new { dryRun, graceSeconds = (int?)grace?.TotalSeconds }, ct);

    internal Task<StoredObject> UploadAsync(string localPath, TransferCount count, CancellationToken ct) =>
        UploadAsync($"'{localPath}'", () => OpenFile(localPath), leaveOpen: false, Repeat.Always, count, ct);

    private async Task<StoredObject> UploadAsync(
        string name, Func<Stream> open, bool leaveOpen, Repeat repeat, TransferCount count, CancellationToken ct)
    {
        var target = Route.Of("objects").ToString();
        UploadContent? sent = null;
        var stored = await _transport.StreamAsync(
            alive =>
            {
                if (sent is not null)
                    count.Restarted(sent.BytesSent);

                sent = new UploadContent(open(), leaveOpen, count, alive.Moved);
                sent.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                var request = _transport.Request(HttpMethod.Post, target);
                request.Content = sent;
                // A refusal (no right, too large) then comes before the bytes are sent.
                request.Headers.ExpectContinue = true;
                return request;
            },
            repeat,
            (response, alive) => Transport.ReadJsonAsync<StoredObject>(response, alive.Token),
            ct).ConfigureAwait(false);

        if (sent?.Sha256 is { } hash && !string.Equals(hash, stored.Sha256, StringComparison.OrdinalIgnoreCase))
            throw new CatalogException(null, "file.changed", $"{name} was sent with SHA-256 {hash} and stored with {stored.Sha256}.");

        count.FileDone();
        return stored;
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CatalogException(null, "client.file_unreadable", $"'{path}' cannot be read: {e.Message}", inner: e);
        }
    }

    private static long? TryLength(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : null;
}

/// <summary>An object the catalog holds.</summary>
/// <param name="Sha256">Names it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Uri">Where it lives.</param>
public sealed record StoredObject(string Sha256, long Bytes, string Uri);

/// <summary>What no version has.</summary>
/// <param name="DryRun">Whether this only says what would be.</param>
/// <param name="FreedObjects">What was freed, or would be.</param>
/// <param name="FreedBytes">Of those.</param>
/// <param name="Objects">Those that go first at the front; at most 1,000.</param>
public sealed record GarbageReport(
    bool DryRun, long UnusedObjects, long UnusedBytes, long FreedObjects, long FreedBytes, IReadOnlyList<UnusedObject> Objects);

/// <param name="Since">When it was noted to be unused; null where it was not yet.</param>
/// <param name="FreeFrom">From when it is freed; null where it has to be noted first.</param>
/// <param name="Freed">Whether it was freed now, or would be.</param>
public sealed record UnusedObject(string Sha256, long Bytes, DateTimeOffset? Since, DateTimeOffset? FreeFrom, bool Freed);
