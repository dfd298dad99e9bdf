using Apache.Arrow;
using Catalog.Schemas;
using ParquetSharp;
using ParquetSharp.Arrow;

namespace Catalog.Storage.Columnar.Native;

/// <summary>Arrow C++ writes.</summary>
internal sealed class ParquetSharpWriter : IRowGroupWriter
{
    private const int ZstdLevel = 1;
    private readonly FileWriter _writer;

    public ParquetSharpWriter(Stream target, Schema schema, ParquetWriteOptions options, IReadOnlyList<string[]> dictionaries)
    {
        using var builder = new WriterPropertiesBuilder();
        Configure(builder, options, dictionaries);
        if (options.SortBy.Count > 0)
            builder.SortingColumns([.. options.SortBy.Select(c => new WriterProperties.SortingColumn(FirstLeafOf(schema, c)))]);
        using var properties = builder.Build();
        using var arrowBuilder = new ArrowWriterPropertiesBuilder();

        // Arrow C++ writes metadata only together with the schema as Arrow has it, of which others may make use; our readers do not.
        using var arrow = arrowBuilder.StoreSchema().EnableCompliantNestedTypes().UseThreads(false).Build();
        _writer = new(target, WithMetadata(schema, options), properties, arrow, leaveOpen: true);
    }

    public void Write(RecordBatch rowGroup) => _writer.WriteRecordBatch(rowGroup, Math.Max(1, rowGroup.Length));

    public void Close() => _writer.Close();

    public void Dispose() => _writer.Dispose();

    private static void Configure(WriterPropertiesBuilder builder, ParquetWriteOptions options, IReadOnlyList<string[]> dictionaries)
    {
        builder.Compression(options.Compression switch
        {
            ParquetCompression.Zstd => Compression.Zstd,
            ParquetCompression.Snappy => Compression.Snappy,
            _ => Compression.Uncompressed,
        });
        if (options.Compression is ParquetCompression.Zstd)
            builder.CompressionLevel(ZstdLevel);

        builder.MaxRowGroupLength(int.MaxValue).DisableDictionary();
        foreach (var path in dictionaries)
        {
            using var column = new ParquetSharp.Schema.ColumnPath(path);
            builder.EnableDictionary(column);
        }
    }

    private static Schema WithMetadata(Schema schema, ParquetWriteOptions options) => new(
        schema.FieldsList,
        new Dictionary<string, string>(schema.Metadata ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [ParquetFileWriter.WriterKey] = ParquetFileWriter.Writer,
            [ParquetFileWriter.OptionsKey] = options.ToString(),
        });

    private static int FirstLeafOf(Schema schema, string column) =>
        schema.FieldsList.TakeWhile(f => f.Name != column).Sum(f => LeavesOf(f.DataType));

    private static int LeavesOf(Apache.Arrow.Types.IArrowType type) => type switch
    {
        Apache.Arrow.Types.NestedType nested => nested.Fields.Sum(f => LeavesOf(f.DataType)),
        _ => 1,
    };
}
