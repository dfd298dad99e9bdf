using System.Security.Cryptography;
using Catalog.Storage.Files;
using Catalog.Storage.Objects.Local;

namespace Catalog.Storage.Objects.S3;

/// <summary>
/// A file without a name for content whose digest is not known yet: S3 wants the key and the digest before the first byte. It ends with
/// this process, however that ends.
/// </summary>
internal sealed class Spool : IAsyncDisposable
{
    private const int BufferBytes = 256 * 1024;
    private readonly FileStream _file;

    private Spool(FileStream file) => _file = file;

    /// <summary>Lower-case hex, of all that was written.</summary>
    public string Sha256 { get; private set; } = "";

    /// <summary>From its beginning.</summary>
    public Stream Content => _file;

    /// <summary>Takes what was read of the content already, and the rest.</summary>
    /// <exception cref="ObjectStoreException">The folder has no room left, or cannot be written.</exception>
    public static async Task<Spool> TakeAsync(string folder, Part first, Stream rest, CancellationToken ct)
    {
        var spool = new Spool(LocalFaults.Guard(folder, () => NamelessFile.Open(folder, "upload")));
        try
        {
            await spool.WriteAsync(first, rest, ct);
            return spool;
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private async Task WriteAsync(Part first, Stream rest, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(first.Content);
        LocalFaults.Guard("", () => _file.Write(first.Content));
        var buffer = new byte[BufferBytes];
        for (int read; (read = await rest.ReadAsync(buffer, ct)) > 0;)
        {
            var bytes = read;
            hash.AppendData(buffer, 0, bytes);
            LocalFaults.Guard("", () => _file.Write(buffer, 0, bytes));
        }

        Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        _file.Position = 0;
    }
}
