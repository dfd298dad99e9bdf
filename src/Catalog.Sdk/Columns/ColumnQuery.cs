namespace Catalog.Sdk;

/// <summary>Which columns and rows of a version to read.</summary>
public sealed record ColumnQuery
{
    /// <summary>Top-level columns in the order wanted; null for all.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>
    /// What rows have to meet, such as <c>delay &gt;= 15 and carrier in ('AA', 'UA')</c>. Row groups of which statistics tell that no row
    /// can are not read.
    /// </summary>
    public string? Filter { get; init; }

    /// <summary>
    /// Which part of <see cref="Shards"/>, from 0. The parts of one version are the same every time, and have all rows once.
    /// </summary>
    public int Shard { get; init; }

    public int Shards { get; init; } = 1;

    /// <summary>How many rows a batch has at most; null for what suits the server.</summary>
    public int? BatchRows { get; init; }

    /// <summary>Of what is sent: worth it where the network is slower than the disk.</summary>
    public ColumnCompression Compression { get; init; }
}

/// <summary>How the buffers of batches are compressed on their way.</summary>
public enum ColumnCompression
{
    None,
    Lz4,
    Zstd,
}
