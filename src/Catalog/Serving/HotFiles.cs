using System.Collections.Concurrent;
using System.Security.Cryptography;
using Catalog.Hot;
using Catalog.Storage.Hot;
using Catalog.Storage.Objects;

namespace Catalog.Serving;

/// <param name="Folder">Where generations are mapped from; nothing is lost with it.</param>
public sealed record HotPlace(string Folder);

/// <summary>Generations on this machine's disk: brought here from the object store once, checked, and mapped.</summary>
internal sealed class HotFiles(HotPlace place, ContentStore objects, TimeProvider clock)
{
    private static readonly TimeSpan TimeToActivate = TimeSpan.FromMinutes(10);

    /// <summary>What was served a while ago stays mapped: going back to it takes no time, and its bytes are known to be right.</summary>
    private readonly ConcurrentDictionary<string, Mapped> _mapped = new(StringComparer.Ordinal);

    /// <summary>Maps a generation, bringing its file here where it is not yet.</summary>
    /// <exception cref="GenerationException">What is stored is not the generation.</exception>
    /// <exception cref="ObjectStoreException">It cannot be had.</exception>
    /// <exception cref="IOException">There is no room for it, or the disk fails.</exception>
    public async Task<Generation> OpenAsync(ActiveGeneration generation, CancellationToken ct)
    {
        var mapped = _mapped.GetValueOrDefault(generation.Sha256)?.Generation ?? await MapAsync(generation, ct);
        _mapped[generation.Sha256] = new(mapped, clock.GetTimestamp());
        return mapped;
    }

    private async Task<Generation> MapAsync(ActiveGeneration generation, CancellationToken ct)
    {
        var path = PathOf(generation.Sha256);
        if (TryOpen(path, generation.Sha256) is { } here)
            return here;
        Directory.CreateDirectory(place.Folder);
        var incoming = NewPath();
        try
        {
            await using (var content = await objects.OpenReadAsync(generation.Sha256, 0, length: null, ct))
            await using (var file = new FileStream(incoming, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
                await content.CopyToAsync(file, 1 << 20, ct);
            File.Move(incoming, path, overwrite: true);
        }
        finally
        {
            File.Delete(incoming);
        }

        return Generation.Open(path, generation.Sha256);
    }

    /// <summary>Reads what a generation says of itself, and nothing else of it.</summary>
    /// <exception cref="GenerationException">What is stored is not the generation.</exception>
    /// <exception cref="ObjectStoreException">It cannot be had.</exception>
    public async Task<GenerationHeader> ReadHeaderAsync(ActiveGeneration generation, CancellationToken ct)
    {
        var layout = RowLayout.Of(generation.Definition);
        return (await OfflineGeneration.OpenAsync(objects, generation.Sha256, generation.Bytes, layout, ct)).Header;
    }

    /// <summary>SHA-256 of a file, in lower-case hexadecimal.</summary>
    public static async Task<string> HashAsync(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct));
    }

    /// <summary>Takes a file that was built here, once its bytes are in the object store.</summary>
    public void Adopt(string built, string sha256) => File.Move(built, PathOf(sha256), overwrite: true);

    /// <summary>A file that is being made: those of a process that died are removed when the next one starts.</summary>
    public string NewPath()
    {
        Directory.CreateDirectory(place.Folder);
        return Path.Combine(place.Folder, $"{Guid.CreateVersion7():N}.part");
    }

    /// <summary>
    /// Lets go of what has not been wanted for a while. What is mapped stays readable, what was just made is given time to be activated,
    /// and what served until now to be gone back to. To be called again and again.
    /// </summary>
    /// <param name="wanted">SHA-256 of the generations that are.</param>
    public void Keep(IReadOnlySet<string> wanted)
    {
        foreach (var (sha256, mapped) in _mapped)
        {
            if (wanted.Contains(sha256))
                _mapped.TryUpdate(sha256, mapped with { At = clock.GetTimestamp() }, mapped);
            else if (clock.GetElapsedTime(mapped.At) > TimeToActivate)
                _mapped.TryRemove(KeyValuePair.Create(sha256, mapped));
        }

        if (!Directory.Exists(place.Folder))
            return;
        foreach (var file in new DirectoryInfo(place.Folder).EnumerateFiles("*.gen"))
        {
            var (isOld, sha256) = (
                clock.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc > TimeToActivate, Path.GetFileNameWithoutExtension(file.Name));
            if (isOld && !wanted.Contains(sha256) && !_mapped.ContainsKey(sha256))
                file.Delete();
        }
    }

    /// <summary>Lets go of a generation at once: its values were erased.</summary>
    public void Forget(string sha256)
    {
        _mapped.TryRemove(sha256, out _);
        File.Delete(PathOf(sha256));
    }

    /// <summary>Removes what a process before this one left in the making.</summary>
    public void Tidy()
    {
        if (!Directory.Exists(place.Folder))
            return;
        foreach (var file in Directory.EnumerateFiles(place.Folder, "*.part*"))
            File.Delete(file);
    }

    private string PathOf(string sha256) => Path.Combine(place.Folder, sha256 + ".gen");

    private static Generation? TryOpen(string path, string sha256)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return Generation.Open(path, sha256);
        }
        catch (GenerationException)
        {
            File.Delete(path);
            return null;
        }
    }

    /// <param name="At">When it served, or was asked for, last, as the clock's timestamp.</param>
    private sealed record Mapped(Generation Generation, long At);
}
