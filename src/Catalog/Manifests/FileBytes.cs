using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;

namespace Catalog.Manifests;

/// <summary>The bytes of files that manifests list, wherever they are. Whoever asks has asked the gate.</summary>
internal sealed class FileBytes(ContentStore objects, AllowedRoots roots)
{
    /// <summary>How to read a file; or why it is no longer what was committed, as far as that shows without reading it.</summary>
    /// <param name="file">As its manifest says.</param>
    /// <param name="of">The version whose file it is, for people.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<Outcome<ReadContent.Answer>> FindAsync(FileEntry file, string of, CancellationToken ct)
    {
        if (!ContentStore.TryParseUri(file.Uri, out var sha256))
            return FindInPlace(file);
        return await objects.FindAsync(sha256, ct) is null
            ? Problem.Of("object.not_found", $"The bytes of '{file.Path}' of {of} are missing from the object store.")
            : new ReadContent.Answer(file, (offset, length, token) => objects.OpenReadAsync(sha256, offset, length, token));
    }

    private Outcome<ReadContent.Answer> FindInPlace(FileEntry file)
    {
        try
        {
            return roots.ResolveFile(file.Uri).Bytes == file.Bytes
                ? new ReadContent.Answer(file, (offset, _, _) => Task.FromResult<Stream>(OpenAt(file.Uri, offset)))
                : Problem.Of("file.changed", $"'{file.Path}' is no longer the file that was committed: its size differs.");
        }
        catch (FileException e)
        {
            return Problem.Of(e.Code, e.Message);
        }
    }

    private FileStream OpenAt(string uri, long offset)
    {
        var stream = roots.OpenRead(uri);
        stream.Position = offset;
        return stream;
    }
}
