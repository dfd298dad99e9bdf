using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>What to read of a set of files that have the same columns.</summary>
public sealed record ScanRequest
{
    public const int DefaultBatchRows = 16_384;
    public const long DefaultMaxBytesInFlight = 256L * 1024 * 1024;

    /// <summary>The top-level columns to read, in the order wanted; null for all, in the order of the file.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>What rows have to meet, all of it. A condition may name a column that is not read otherwise.</summary>
    public IReadOnlyList<Condition> Where { get; init; } = [];

    /// <summary>Which part of the row groups to read.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>
    /// Which row groups to read, by the place of their first row among all rows of all files and by how many rows they have; null for all.
    /// </summary>
    internal Func<long, long, bool>? RowGroups { get; init; }

    /// <summary>How many rows a batch has at most. Batches do not reach across row groups.</summary>
    public int BatchRows { get; init; } = DefaultBatchRows;

    /// <summary>How many row groups are decoded at the same time. Changes how fast batches come, and nothing else.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// How many bytes of batches may wait for the consumer; one batch of the row group it is at may come on top. Beside them each decoder
    /// holds one batch, and the pages it decodes.
    /// </summary>
    public long MaxBytesInFlight { get; init; } = DefaultMaxBytesInFlight;

    /// <summary>
    /// Applied to each batch after its rows are chosen: the place to mask columns. What it returns takes over the batch it is given, and
    /// is to have <see cref="ProjectedSchema"/>. Called by several threads at once.
    /// </summary>
    public Func<RecordBatch, RecordBatch>? Project { get; init; }

    /// <summary>What <see cref="Project"/> makes of the schema; null where it changes values only.</summary>
    public Func<Schema, Schema>? ProjectedSchema { get; init; }

    /// <exception cref="ScanException"><see cref="ScanException.BadRequest"/>, naming the number that is out of range.</exception>
    internal void Check()
    {
        Require(BatchRows is >= 1 and <= 1_048_576, nameof(BatchRows), "between 1 and 1,048,576", BatchRows);
        Require(Parallelism is >= 1 and <= 1_024, nameof(Parallelism), "between 1 and 1,024", Parallelism);
        Require(MaxBytesInFlight >= 1, nameof(MaxBytesInFlight), "at least 1", MaxBytesInFlight);
        Require(Shard.Count >= 1, "Shard.Count", "at least 1", Shard.Count);
        Require(Shard.Index >= 0 && Shard.Index < Shard.Count, "Shard.Index", "at least 0 and less than Shard.Count", Shard.Index);
    }

    private static void Require(bool holds, string name, string range, long value)
    {
        if (!holds)
            throw new ScanException(ScanException.BadRequest, $"{name} is to be {range}, and is {value}.");
    }
}

/// <summary>
/// Part <paramref name="Index"/> of <paramref name="Count"/>. A row group belongs to the part that the sum of its place in its file and its
/// file's place in the list leaves over; so shards need no knowledge of each other, and of files with one row group each takes its share.
/// </summary>
/// <param name="Index">From 0.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Shard(int Index, int Count)
{
    public static Shard Whole { get; } = new(0, 1);

    internal bool Has(int file, int rowGroup) => ((long)file + rowGroup) % Count == Index;
}

/// <summary>What a scan has read so far; final once its batches have been enumerated.</summary>
/// <param name="RowGroupsSkipped">Of this shard, because their statistics prove that no row matches.</param>
/// <param name="RowsDecoded">Before conditions were applied.</param>
/// <param name="Rows">Rows in the batches handed out.</param>
public sealed record ScanStatistics(int Files, int RowGroupsRead, int RowGroupsSkipped, long RowsDecoded, long Rows);
