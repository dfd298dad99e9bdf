using Apache.Arrow;
using Catalog.Schemas;
using Catalog.Storage.Files;

namespace Catalog.Storage.Columnar;

/// <summary>
/// A Parquet file whose footer our own bounded reader has read and found sound. Engines open only such files, and see the footer that was
/// checked.
/// </summary>
public sealed class ParquetFile
{
    private readonly ParquetSource _source;
    private readonly long _dataEnd;
    private readonly ReadOnlyMemory<byte> _tail;
    private readonly int[] _firstLeaves;

    private ParquetFile(
        ParquetSource source, long dataEnd, byte[] tail, TableSchema table, IReadOnlyList<Leaf> leaves,
        IReadOnlyList<RowGroupLayout> groups)
    {
        (_source, _dataEnd, _tail) = (source, dataEnd, tail);
        (Table, Leaves, Groups) = (table, leaves, groups);
        Schema = ArrowTypes.SchemaOf(table, source.Name);
        Rows = groups.Sum(g => g.Rows);
        _firstLeaves = new int[table.Columns.Count + 1];
        for (var i = 0; i < table.Columns.Count; i++)
            _firstLeaves[i + 1] = _firstLeaves[i] + CountLeaves(table.Columns[i]);
    }

    /// <summary>What the file is called in errors.</summary>
    public string Name => _source.Name;

    /// <summary>The columns, as every engine reads them: what Parquet itself says, whatever the writer noted beside it.</summary>
    public Schema Schema { get; }

    public long Rows { get; }

    public int RowGroups => Groups.Count;

    internal TableSchema Table { get; }

    internal IReadOnlyList<Leaf> Leaves { get; }

    internal IReadOnlyList<RowGroupLayout> Groups { get; }

    /// <exception cref="FileException">
    /// It cannot be read, or is not sound (<see cref="FileException.NotParquet"/>), or has a column that Arrow has no type for.
    /// </exception>
    public static async Task<ParquetFile> OpenAsync(ParquetSource source, CancellationToken ct)
    {
        try
        {
            await using var stream = source.Open();
            var (footer, dataEnd) = await ParquetFooter.FetchAsync(stream.Length, ReadAtAsync, ct);
            return Decode(source, footer, dataEnd);

            async ValueTask ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken token)
            {
                stream.Position = offset;
                await stream.ReadExactlyAsync(buffer, token);
            }
        }
        catch (FooterException e)
        {
            throw FileException.Because(FileException.NotParquet, source.Name, $"is not a sound Parquet file: {e.Message}", e);
        }
        catch (EndOfStreamException e)
        {
            throw FileException.Because(FileException.Changed, source.Name, "became shorter while it was read", e);
        }
        catch (IOException e)
        {
            throw FileException.From(source.Name, e);
        }
    }

    /// <summary>The file as an engine may see it.</summary>
    internal FooterView OpenView() => new FooterView(_source.Open(), _dataEnd, _tail);

    /// <summary>The leaves of a top-level column: where they begin among <see cref="Leaves"/>, and how many they are.</summary>
    internal (int First, int Count) LeavesOf(int column) =>
        (_firstLeaves[column], _firstLeaves[column + 1] - _firstLeaves[column]);

    private static int CountLeaves(Catalog.Schemas.Column column) => column switch
    {
        { Children: { } children } => children.Sum(CountLeaves),
        { Type: "struct" } => 0,
        _ => 1,
    };

    private static ParquetFile Decode(ParquetSource source, byte[] footer, long dataEnd)
    {
        // Checks everything that is not checked again here: where chunks are, their types, the sum of rows.
        _ = ParquetFooter.Decode(footer, dataEnd);

        var head = FooterDecoder.ReadHead(footer);
        var (table, leaves) = SchemaReader.Read(head.Schema);
        var codecs = leaves.Select((leaf, i) => CodecOf(head, leaf, leaves.Count, i)).ToArray();
        List<ColumnChunk[]> chunks = [];
        var rows = FooterDecoder.ReadRowGroups(
            footer, head.RowGroupsAt.GetValueOrDefault(), leaves.Count, (int group, int column, in FooterDecoder.Chunk chunk) =>
            {
                if (group == chunks.Count)
                    chunks.Add(new ColumnChunk[leaves.Count]);
                chunks[group][column] = Describe(in chunk, codecs[column]);
            });
        var groups = rows.Select((r, i) => new RowGroupLayout(r, i < chunks.Count ? chunks[i] : [])).ToList();
        CheckValues(leaves, groups);
        return new(source, dataEnd, FooterView.Tail(FooterTrim.Trim(footer)), table, leaves, groups);
    }

    private static ValueCodec? CodecOf(FooterDecoder.Head head, Leaf leaf, int leaves, int index) =>
        !leaf.IsRepeated && ParquetFooter.IsOrdered(head.Ordered, leaves, index) && !ParquetFooter.IsMisreported(head.CreatedBy, leaf)
            ? leaf.Type.Codec
            : null;

    private static ColumnChunk Describe(in FooterDecoder.Chunk chunk, ValueCodec? codec) => new(
        chunk.Values,
        chunk.DictionaryPageAt > 0 ? Math.Min(chunk.DictionaryPageAt, chunk.DataPageAt) : chunk.DataPageAt,
        chunk.CompressedBytes,
        chunk.UncompressedBytes,
        chunk is { HasMetadata: true, IsElsewhere: false },
        StatisticsMerge.Read(codec, chunk.Min, chunk.LegacyMin),
        StatisticsMerge.Read(codec, chunk.Max, chunk.LegacyMax),
        chunk.Nulls is >= 0 and var nulls && nulls <= chunk.Values ? nulls : null);

    /// <summary>A column that is not within lists has one entry for each row; what says otherwise would read past the end.</summary>
    private static void CheckValues(IReadOnlyList<Leaf> leaves, List<RowGroupLayout> groups)
    {
        for (var g = 0; g < groups.Count; g++)
        {
            for (var i = 0; i < leaves.Count; i++)
            {
                var (rows, chunk) = (groups[g].Rows, groups[g].Chunks[i]);
                if (chunk.IsHere && (leaves[i].IsRepeated ? chunk.Values < rows : chunk.Values != rows))
                    throw new FooterException($"row group {g} has {rows} rows, and column '{leaves[i].Path}' has {chunk.Values} values");
            }
        }
    }
}
