using Catalog.Training;

namespace Catalog.Sdk;

/// <summary>Which rows of a version to train on, and in which order.</summary>
public sealed record TrainingQuery
{
    /// <summary>Top-level columns in the order wanted; null for all. Does not change the order of rows.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>What rows have to meet, such as <c>delay &gt;= 15</c>. Part of the order.</summary>
    public string? Filter { get; init; }

    /// <summary>Shuffles the rows, differently in each epoch. Null for the version's own order.</summary>
    public long? Seed { get; init; }

    /// <summary>From 0. Null for that of <see cref="Token"/>, or 0.</summary>
    public int? Epoch { get; init; }

    /// <summary>Which of <see cref="Shards"/>, from 0: the rank of the worker.</summary>
    public int Shard { get; init; }

    /// <summary>How many workers share the epoch. Rows are dealt to them one by one.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>What is done with rows that are left over: all workers have the same number of rows unless they are kept.</summary>
    public Uneven Uneven { get; init; }

    /// <summary>Where to go on in an epoch: <see cref="TrainingRead.Token"/> of an earlier read, with any number of shards.</summary>
    public ReadToken? Token { get; init; }

    /// <summary>Rows of each batch but the last.</summary>
    public int BatchRows { get; init; } = 1_024;

    /// <summary>
    /// Of how many lanes rows are taken in turns; null for what suits the files. Part of the order. Best a multiple of the number of
    /// shards: then each reads its own lanes, and no file is decoded twice.
    /// </summary>
    public int? Lanes { get; init; }

    /// <summary>How many rows of a lane are shuffled together; null for what suits the files. Part of the order.</summary>
    public int? WindowRows { get; init; }

    /// <summary>How many batches wait at most for the consumer.</summary>
    public int Prefetch { get; init; } = 4;

    /// <summary>Of what is sent: worth it where the network is slower than the disk.</summary>
    public ColumnCompression Compression { get; init; }
}
