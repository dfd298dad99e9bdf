using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Parquet;
using Parquet.Meta;
using Parquet.Schema;
using Type = Parquet.Meta.Type;

namespace Catalog.Storage.Columnar.Managed;

/// <summary>
/// Parquet.Net: managed code alone. It decodes pages to physical values; what they mean is decided here, by the file's schema. (Left to
/// itself it rounds nanoseconds, and decimals of more than 28 digits, and text takes the way over UTF-16.)
/// </summary>
internal sealed class ParquetNetEngine : IParquetEngine
{
    private const int Int96Bytes = 12;
    private const int BufferBytes = 16 * 1024;

    public string Name { get; } = EngineVersion.Of("Parquet.Net", typeof(ParquetReader));

    public async Task<IRowGroupReader> OpenAsync(ParquetFile file, IReadOnlyList<int> columns, int batchRows, CancellationToken ct)
    {
        // Page headers are read byte by byte.
        var stream = new BufferedStream(file.OpenView(), BufferBytes);
        try
        {
            var reader = await ParquetReader.CreateAsync(stream, new ParquetOptions(), leaveStreamOpen: false, ct);
            MakePhysical(reader.Metadata ?? throw new InvalidDataException("it has no metadata"));
            return new RowGroupReader(file, reader, stream, FieldsOf(file, reader), columns, batchRows);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            await stream.DisposeAsync();
            throw Fault(file, e);
        }
    }

    /// <summary>What went wrong, in the catalog's words.</summary>
    public static Exception Fault(ParquetFile file, Exception e) => e switch
    {
        FileException or ScanException or ObjectStoreException => e,
        NotImplementedException or NotSupportedException => Unsupported(file, e.Message.TrimEnd('.'), e),
        IOException and not EndOfStreamException => FileException.From(file.Name, e),
        _ => FileException.Because(FileException.NotParquet, file.Name, $"cannot be read as Parquet: {e.Message.TrimEnd('.')}", e),
    };

    public static ScanException Unsupported(ParquetFile file, string why, Exception? e = null) =>
        new(ScanException.Unsupported, $"'{file.Name}' cannot be read without the native engine: {why}.", e);

    /// <summary>Takes from leaves what they mean, so that bytes and numbers come out; and statistics, which would be decoded.</summary>
    private static void MakePhysical(FileMetaData metadata)
    {
        foreach (var element in metadata.Schema.Where(e => e.Type is not null))
        {
            (element.LogicalType, element.ConvertedType) = (null, null);
            if (element.Type is Type.INT96)
                (element.Type, element.TypeLength) = (Type.FIXED_LEN_BYTE_ARRAY, Int96Bytes);
        }

        foreach (var chunk in metadata.RowGroups.SelectMany(g => g.Columns))
        {
            if (chunk.MetaData is { } known)
                known.Statistics = null;
        }
    }

    private static DataField[] FieldsOf(ParquetFile file, ParquetReader reader)
    {
        var fields = reader.Schema.GetDataFields();
        return fields.Length == file.Leaves.Count
            ? fields
            : throw new NotSupportedException($"it sees {fields.Length} columns where there are {file.Leaves.Count}");
    }
}
