using System.Buffers.Binary;
using Catalog.Integrity;
using Catalog.Schemas;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;

namespace Catalog.Storage.Columnar;

/// <summary>What a Parquet file says of itself in its footer. Its data is not read.</summary>
/// <param name="Statistics">
/// By column path (dots between nested names), over all row groups; columns within lists and maps have none. What a row group does not
/// say, or says of something else than a value (a shortened bound, NaN, an order that is undefined), is unknown.
/// </param>
/// <param name="CreatedBy">The writer, as it calls itself.</param>
public sealed record ParquetFooter(
    long Rows, int RowGroups, TableSchema Schema, IReadOnlyDictionary<string, ColumnStatistics> Statistics, string? CreatedBy)
{
    private const int MaxFooterBytes = 64 * 1024 * 1024;
    private const int FirstReadBytes = 64 * 1024;
    private const int HeadBytes = 4;
    private const int TailBytes = 8;

    internal delegate ValueTask ReadAt(long offset, Memory<byte> buffer, CancellationToken ct);

    /// <summary>Reads the footer of a seekable stream that is a whole file, such as <see cref="AllowedRoots.OpenRead"/> opens.</summary>
    /// <param name="name">What to call the file in an error.</param>
    /// <exception cref="FileException"><see cref="FileException.NotParquet"/>, saying what is wrong; or the stream cannot be
    /// read.</exception>
    public static async Task<ParquetFooter> ReadAsync(Stream file, string name, CancellationToken ct)
    {
        try
        {
            return await ReadAsync(name, file.Length, ReadAtAsync, ct);
        }
        catch (IOException e)
        {
            throw FileException.From(name, e);
        }

        async ValueTask ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken token)
        {
            file.Seek(offset, SeekOrigin.Begin);
            await file.ReadExactlyAsync(buffer, token);
        }
    }

    /// <summary>Reads the footer of an object, in two or three ranged reads.</summary>
    /// <param name="name">What to call the file in an error.</param>
    /// <exception cref="FileException"><see cref="FileException.NotParquet"/>, saying what is wrong.</exception>
    /// <exception cref="ObjectStoreException">The object is not there, or the store is in trouble.</exception>
    public static async Task<ParquetFooter> ReadAsync(IObjectStore objects, string key, string name, CancellationToken ct)
    {
        var head = await objects.HeadAsync(key, ct) ?? throw ObjectStoreException.NotFound(key);
        return await ReadAsync(name, head.Bytes, ReadAtAsync, ct);

        async ValueTask ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken token)
        {
            await using var range = await objects.OpenReadAsync(key, offset, buffer.Length, token);
            await range.ReadExactlyAsync(buffer, token);
        }
    }

    private static async Task<ParquetFooter> ReadAsync(string name, long length, ReadAt readAt, CancellationToken ct)
    {
        try
        {
            var (footer, dataEnd) = await FetchAsync(length, readAt, ct);
            return Decode(footer, dataEnd);
        }
        catch (FooterException e)
        {
            throw FileException.Because(FileException.NotParquet, name, $"is not a sound Parquet file: {e.Message}", e);
        }
        catch (EndOfStreamException e)
        {
            throw FileException.Because(FileException.Changed, name, "became shorter while it was read", e);
        }
    }

    /// <summary>The bytes of a footer, and where in the file it begins.</summary>
    internal static async Task<(byte[] Footer, long DataEnd)> FetchAsync(long length, ReadAt readAt, CancellationToken ct)
    {
        if (length < HeadBytes + TailBytes)
            throw new FooterException($"it has {length} bytes and Parquet needs {HeadBytes + TailBytes}");

        var magic = new byte[HeadBytes];
        await readAt(0, magic, ct);
        var tail = new byte[Math.Min(length, FirstReadBytes)];
        await readAt(length - tail.Length, tail, ct);
        CheckMagic(magic, tail.AsSpan(^4..));

        var footerLength = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(^TailBytes));
        var dataEnd = length - TailBytes - footerLength;
        if (dataEnd < HeadBytes)
            throw new FooterException($"its footer claims {footerLength} bytes, and the file has {length}");
        if (footerLength > MaxFooterBytes)
            throw new FooterException($"its footer claims {footerLength} bytes; at most {MaxFooterBytes} are read");
        if (footerLength + TailBytes <= tail.Length)
            return (tail[^((int)footerLength + TailBytes)..^TailBytes], dataEnd);

        var footer = new byte[footerLength];
        await readAt(dataEnd, footer, ct);
        return (footer, dataEnd);
    }

    private static void CheckMagic(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        if (tail.SequenceEqual("PARE"u8))
            throw new FooterException("its footer is encrypted");
        if (!head.SequenceEqual("PAR1"u8))
            throw new FooterException("it does not begin with PAR1");
        if (!tail.SequenceEqual("PAR1"u8))
            throw new FooterException("it does not end with PAR1, so it may have been cut off");
    }

    internal static ParquetFooter Decode(byte[] footer, long dataEnd)
    {
        var head = FooterDecoder.ReadHead(footer);
        var (schema, leaves) = SchemaReader.Read(head.Schema);
        var merges = leaves
            .Select((leaf, i) =>
                new StatisticsMerge(leaf, IsOrdered(head.Ordered, leaves.Count, i) && !IsMisreported(head.CreatedBy, leaf)))
            .ToArray();
        var rows = head.RowGroupsAt is not { } at
            ? throw new FooterException("its footer has no row groups")
            : FooterDecoder.ReadRowGroups(footer, at, leaves.Count, (int group, int column, in FooterDecoder.Chunk chunk) =>
            {
                CheckChunk(in chunk, group, leaves[column], dataEnd);
                merges[column].Add(in chunk);
            });
        var total = rows.Aggregate((Int128)0, (sum, r) => sum + r);
        if (head.Rows is not >= 0 || head.Rows != total)
            throw new FooterException($"its footer claims {head.Rows} rows, and its row groups hold {total}");

        return new(head.Rows.GetValueOrDefault(), rows.Count, schema, Collect(leaves, merges), head.CreatedBy);
    }

    /// <summary>Writers that declare no order (parquet-format: then "undefined") do in practice use the order of the type.</summary>
    internal static bool IsOrdered(List<bool>? declared, int columns, int column) =>
        declared is null || (declared.Count == columns && declared[column]);

    /// <summary>
    /// Parquet.Net writes the bounds of every timestamp in milliseconds (its issue 769), and those of UUIDs in .NET's order of bytes.
    /// </summary>
    internal static bool IsMisreported(string? createdBy, Leaf leaf) =>
        createdBy?.StartsWith("Parquet.Net", StringComparison.Ordinal) is true
        && (leaf.Type.Name is "uuid"
            || (leaf.Type.Name.StartsWith("timestamp(", StringComparison.Ordinal)
                && !leaf.Type.Name.StartsWith("timestamp(ms", StringComparison.Ordinal)));

    private static void CheckChunk(in FooterDecoder.Chunk chunk, int group, Leaf leaf, long dataEnd)
    {
        if (!chunk.HasMetadata || chunk.IsElsewhere)
            return;
        if ((chunk.Type is { } type && type != leaf.Element.Type) || chunk.Values < 0)
            throw new FooterException($"row group {group} does not hold column '{leaf.Path}' as the schema describes it");
        if (chunk.Values == 0)
            return;

        var start = chunk.DictionaryPageAt > 0 ? Math.Min(chunk.DictionaryPageAt, chunk.DataPageAt) : chunk.DataPageAt;
        if (start < HeadBytes || chunk.CompressedBytes < 0 || start > dataEnd - chunk.CompressedBytes)
            throw new FooterException(
                $"the data of column '{leaf.Path}' in row group {group} lies outside the file, so part of it may be missing");
    }

    private static Dictionary<string, ColumnStatistics> Collect(IReadOnlyList<Leaf> leaves, StatisticsMerge[] merges)
    {
        var statistics = new Dictionary<string, ColumnStatistics>(StringComparer.Ordinal);
        for (var i = 0; i < leaves.Count; i++)
        {
            if (!leaves[i].IsRepeated && merges[i].Result() is { } known)
                statistics.TryAdd(leaves[i].Path, known);
        }

        return statistics;
    }
}
