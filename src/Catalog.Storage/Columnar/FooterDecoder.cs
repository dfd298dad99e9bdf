using Parquet.Meta;
using Type = Parquet.Meta.Type;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Decodes what the catalog wants to know of a footer (parquet.thrift, struct FileMetaData) and passes over the rest. The schema becomes
/// Parquet.Net's own <see cref="SchemaElement"/>s; column chunks are looked at one by one and not kept.
/// </summary>
internal static class FooterDecoder
{
    private const int MaxSchemaElements = 250_000;
    private const int MaxNameBytes = 1_024;

    /// <param name="RowGroupsAt">Where in the footer the list of row groups is; null when there is none.</param>
    public sealed record Head(List<SchemaElement> Schema, long? Rows, string? CreatedBy, List<bool>? Ordered, int? RowGroupsAt);

    /// <summary>
    /// The parts of a column chunk that matter here.
    /// </summary>
    public ref struct Chunk
    {
        public Type? Type;
        public long Values;
        public long CompressedBytes;
        public long UncompressedBytes;
        public long DataPageAt;
        public long DictionaryPageAt;
        public bool IsElsewhere;
        public bool HasMetadata;
        public long? Nulls;
        public Bound Min;
        public Bound Max;
        public Bound LegacyMin;
        public Bound LegacyMax;
    }

    public ref struct Bound
    {
        public ReadOnlySpan<byte> Bytes;
        public bool IsThere;

        /// <summary>It bounds the column and is not a value of it.</summary>
        public bool IsShortened;
    }

    public delegate void OnChunk(int rowGroup, int column, in Chunk chunk);

    public static Head ReadHead(ReadOnlySpan<byte> footer)
    {
        var reader = new CompactReader(footer);
        List<SchemaElement>? schema = null;
        List<bool>? ordered = null;
        long? rows = null;
        string? createdBy = null;
        int? rowGroupsAt = null;
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            switch (field.Id)
            {
                case 2:
                    schema = ReadSchema(ref reader, field);
                    break;
                case 3:
                    rows = reader.Int64(field);
                    break;
                case 4:
                    rowGroupsAt = reader.Position;
                    reader.Skip(field);
                    break;
                case 6:
                    createdBy = Text(reader.Binary(field));
                    break;
                case 7:
                    ordered = ReadColumnOrders(ref reader, field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }

        return new(schema ?? throw new FooterException("its footer has no schema"), rows, createdBy, ordered, rowGroupsAt);
    }

    /// <summary>Calls back for each column chunk; answers the number of rows in each row group.</summary>
    public static List<long> ReadRowGroups(ReadOnlySpan<byte> footer, int at, int columns, OnChunk onChunk)
    {
        var reader = new CompactReader(footer) { Position = at };
        List<long> rows = [];
        var groups = reader.Structs(new(4, CompactType.List));
        for (var group = 0; group < groups; group++)
        {
            long? groupRows = null;
            var chunks = 0;
            for (var field = default(CompactField); reader.Next(ref field);)
            {
                if (field.Id == 1)
                    chunks = ReadChunks(ref reader, field, group, columns, onChunk);
                else if (field.Id == 3)
                    groupRows = reader.Int64(field);
                else
                    reader.Skip(field);
            }

            if (chunks != columns)
                throw new FooterException($"row group {group} has {chunks} column chunks for {columns} columns");
            rows.Add(groupRows is >= 0 and { } known ? known : throw new FooterException($"row group {group} has no row count"));
        }

        return rows;
    }

    private static int ReadChunks(ref CompactReader reader, CompactField field, int group, int columns, OnChunk onChunk)
    {
        var count = reader.Structs(field);
        for (var column = 0; column < count && column < columns; column++)
        {
            var chunk = default(Chunk);
            ReadChunk(ref reader, ref chunk);
            onChunk(group, column, in chunk);
        }

        return count <= columns ? count : throw new FooterException($"row group {group} has {count} column chunks for {columns} columns");
    }

    private static void ReadChunk(ref CompactReader reader, ref Chunk chunk)
    {
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            if (field.Id == 1)
                chunk.IsElsewhere = reader.Binary(field).Length > 0;
            else if (field.Id == 3)
                ReadColumnMetadata(ref reader, field, ref chunk);
            else
                reader.Skip(field);
        }
    }

    private static void ReadColumnMetadata(ref CompactReader reader, CompactField outer, ref Chunk chunk)
    {
        reader.Struct(outer);
        chunk.HasMetadata = true;
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            switch (field.Id)
            {
                case 1:
                    chunk.Type = (Type)reader.Int32(field);
                    break;
                case 5:
                    chunk.Values = reader.Int64(field);
                    break;
                case 6:
                    chunk.UncompressedBytes = reader.Int64(field);
                    break;
                case 7:
                    chunk.CompressedBytes = reader.Int64(field);
                    break;
                case 9:
                    chunk.DataPageAt = reader.Int64(field);
                    break;
                case 11:
                    chunk.DictionaryPageAt = reader.Int64(field);
                    break;
                case 12:
                    ReadStatistics(ref reader, field, ref chunk);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
    }

    private static void ReadStatistics(ref CompactReader reader, CompactField outer, ref Chunk chunk)
    {
        reader.Struct(outer);
        var (maxIsExact, minIsExact) = (true, true);
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            switch (field.Id)
            {
                case 1:
                    chunk.LegacyMax = Known(reader.Binary(field));
                    break;
                case 2:
                    chunk.LegacyMin = Known(reader.Binary(field));
                    break;
                case 3:
                    chunk.Nulls = reader.Int64(field);
                    break;
                case 5:
                    chunk.Max = Known(reader.Binary(field));
                    break;
                case 6:
                    chunk.Min = Known(reader.Binary(field));
                    break;
                case 7:
                    maxIsExact = reader.Bool(field);
                    break;
                case 8:
                    minIsExact = reader.Bool(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }

        chunk.Max.IsShortened = !maxIsExact;
        chunk.Min.IsShortened = !minIsExact;
    }

    private static List<bool> ReadColumnOrders(ref CompactReader reader, CompactField list)
    {
        var count = reader.Structs(list);
        List<bool> ordered = [];
        for (var i = 0; i < count; i++)
        {
            var byType = false;
            for (var field = default(CompactField); reader.Next(ref field); reader.Skip(field))
                byType |= field.Id == 1;
            if (i < MaxSchemaElements)
                ordered.Add(byType);
        }

        return ordered;
    }

    private static List<SchemaElement> ReadSchema(ref CompactReader reader, CompactField list)
    {
        var count = reader.Structs(list);
        if (count > MaxSchemaElements)
            throw new FooterException($"its schema has {count} elements; at most {MaxSchemaElements} are read");

        List<SchemaElement> schema = [];
        for (var i = 0; i < count; i++)
            schema.Add(ReadElement(ref reader));
        return schema;
    }

    private static SchemaElement ReadElement(ref CompactReader reader)
    {
        var element = new SchemaElement();
        string? name = null;
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            switch (field.Id)
            {
                case 1:
                    element.Type = (Type)reader.Int32(field);
                    break;
                case 2:
                    element.TypeLength = reader.Int32(field);
                    break;
                case 3:
                    element.RepetitionType = (FieldRepetitionType)reader.Int32(field);
                    break;
                case 4:
                    name = Name(reader.Binary(field));
                    break;
                case 5:
                    element.NumChildren = reader.Int32(field);
                    break;
                case 6:
                    element.ConvertedType = (ConvertedType)reader.Int32(field);
                    break;
                case 7:
                    element.Scale = reader.Int32(field);
                    break;
                case 8:
                    element.Precision = reader.Int32(field);
                    break;
                case 10:
                    element.LogicalType = LogicalTypeDecoder.Read(ref reader, field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }

        element.Name = name ?? throw new FooterException("its schema has an element without a name");
        return element;
    }

    private static Bound Known(ReadOnlySpan<byte> bytes) => new() { Bytes = bytes, IsThere = true };

    private static string Name(ReadOnlySpan<byte> utf8) => utf8.Length <= MaxNameBytes
        ? Text(utf8)
        : throw new FooterException($"its schema has a name of {utf8.Length} bytes; at most {MaxNameBytes} are read");

    private static string Text(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);
}
