using System.Runtime.CompilerServices;

namespace Catalog.Storage.Objects.Cache;

/// <summary>Where a cache lives and how much it may hold.</summary>
/// <param name="Folder">A folder of its own on a fast local disk; made where it is missing. One process at a time uses it.</param>
/// <param name="MaxBytes">What the blocks in it may take together. Their maps take about a ten-thousandth more.</param>
public sealed record CacheOptions(string Folder, long MaxBytes)
{
    /// <summary>The unit that is fetched, checked and counted, in bytes.</summary>
    public int BlockBytes { get; init; } = 1 << 20;

    /// <summary>The largest request to the store behind, in blocks.</summary>
    public int FetchBlocks { get; init; } = 8;

    /// <summary>How many requests a stream keeps under way ahead of its reader.</summary>
    public int FetchesAhead { get; init; } = 4;

    /// <summary>
    /// Reads of one object within this time count as one: a scan asks for the same file over and over, and is no more use for it.
    /// </summary>
    public TimeSpan Correlated { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a block that was checked is read without being checked again: readers of Parquet look at a page before they read it.
    /// </summary>
    public TimeSpan CheckedFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long nothing is written after the disk refused.</summary>
    public TimeSpan RestAfterFailure { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The share of the cache that one object may take; what is beyond passes through.</summary>
    internal long MaxObjectBytes => MaxBytes / 4;

    /// <exception cref="ArgumentOutOfRangeException">A number that no cache could work with; the message names it.</exception>
    internal CacheOptions Checked() => this with
    {
        BlockBytes = Within(BlockBytes, 4_096, 1 << 26),
        MaxBytes = Within(MaxBytes, 8L * BlockBytes, long.MaxValue),
        FetchBlocks = Within(FetchBlocks, 1, 1_024),
        FetchesAhead = Within(FetchesAhead, 1, 1_024),
    };

    private static T Within<T>(T value, T least, T most, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
}

/// <summary>What a cache did since it was opened, and what it holds.</summary>
/// <param name="Objects">That it holds blocks of.</param>
/// <param name="Bytes">In blocks.</param>
/// <param name="BytesFromCache">Given to readers from the disk.</param>
/// <param name="BytesFetched">Read from the store behind.</param>
/// <param name="Evicted">Objects that had to make room.</param>
/// <param name="Healed">Blocks that were not what they had been, and were fetched again.</param>
/// <param name="WritesFailed">Times the disk took no block.</param>
public sealed record CacheStatistics(
    int Objects, long Bytes, long BytesFromCache, long BytesFetched, long Evicted, long Healed, long WritesFailed);
