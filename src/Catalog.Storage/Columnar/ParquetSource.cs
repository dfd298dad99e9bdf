using Catalog.Storage.Files;

namespace Catalog.Storage.Columnar;

/// <summary>Where the bytes of one Parquet file come from: something that can be opened as often as there are readers.</summary>
public sealed class ParquetSource
{
    private readonly Func<Stream> _open;

    private ParquetSource(string name, Func<Stream> open) => (Name, _open) = (name, open);

    /// <summary>What the file is called in errors.</summary>
    public string Name { get; }

    /// <summary>A file on a local disk.</summary>
    public static ParquetSource File(string path) => Of(path, () => new FileStream(path, new FileStreamOptions
    {
        Access = FileAccess.Read,
        Share = FileShare.Read | FileShare.Delete,
        BufferSize = 0,
        Options = FileOptions.RandomAccess,
    }));

    /// <summary>Bytes that are somewhere else, such as an object in a store that is read in ranges.</summary>
    /// <param name="name">What the file is called in errors.</param>
    /// <param name="open">
    /// Opens a seekable stream over the whole file, which its reader disposes. Called once for each reader, from any thread; every
    /// stream has the same bytes.
    /// </param>
    public static ParquetSource Of(string name, Func<Stream> open) => new(name, open);

    /// <exception cref="FileException">It cannot be opened.</exception>
    internal Stream Open()
    {
        try
        {
            return _open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileException.From(Name, e);
        }
    }
}
