using Catalog.Integrity;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using Catalog.Usage;

namespace Catalog.Manifests;

/// <summary>How addresses of files are made.</summary>
/// <param name="lifetime">Of those for which nobody names one; one second to seven days, null for a quarter of an hour.</param>
/// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
public sealed class UrlOptions(TimeSpan? lifetime)
{
    /// <summary>Seconds that an address may be good for.</summary>
    public const int MinSeconds = 1;

    public const int MaxSeconds = 7 * 24 * 60 * 60;

    public TimeSpan Lifetime { get; } = (lifetime ?? SignedUrl.DefaultLifetime).TotalSeconds is >= MinSeconds and <= MaxSeconds
        ? lifetime ?? SignedUrl.DefaultLifetime
        : throw new ArgumentOutOfRangeException(nameof(lifetime), lifetime, "Signed addresses are good for one second to seven days.");
}

/// <summary>
/// Where files are given out by address: each grant lets whoever holds it read one whole file for a while. Every address of a file's bytes
/// is made here, once the gate was asked. Objects have addresses of their store; files in place have one of this server, which names the
/// manifest and the path, so that it is good for the file that was committed and for no other.
/// </summary>
internal sealed class FileGrants(IUrlSigner objects, UrlSignatures signatures, UrlOptions options)
{
    /// <summary>Behind it follow the hash of a manifest and a logical path.</summary>
    public const string Path = "/files/";

    /// <param name="version">The one that lists the file.</param>
    /// <param name="file">As its manifest says.</param>
    /// <param name="lifetime">One second to seven days; null for what the server was told.</param>
    /// <param name="reading">That the whole file is counted for: what becomes of an address is not seen here.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ObjectStoreException">The store has no credentials to sign with.</exception>
    public async Task<SignedUrl> GrantAsync(
        LocatedVersion version, FileEntry file, TimeSpan? lifetime, Reading reading, CancellationToken ct)
    {
        var url = ContentStore.TryParseUri(file.Uri, out var sha256)
            ? await objects.SignReadAsync(ContentStore.KeyOf(sha256), lifetime ?? options.Lifetime, ct)
            : signatures.Sign("GET", $"{Path}{version.ManifestHash}/{file.Path}", lifetime ?? options.Lifetime);
        reading.Add(file.Bytes);
        return url;
    }
}
