using System.Collections.Immutable;

namespace Catalog.Jobs;

/// <summary>From one number to another, both included.</summary>
public sealed record NumberRange(int From, int To);

/// <summary>Shards that have read the same epochs.</summary>
/// <param name="Shards">Next to each other.</param>
/// <param name="Epochs">In ascending order; they do not touch.</param>
public sealed record ShardEpochs(NumberRange Shards, ImmutableList<NumberRange> Epochs);

/// <summary>
/// One way in which a run read a version, and the epochs that each shard began to read. A thousand epochs of sixty-four shards are one
/// range of one range: shards that are alike are kept together, as are epochs.
/// </summary>
/// <param name="Dataset">The version.</param>
/// <param name="Order">Name of the order, which version, filter, seed and layout make.</param>
/// <param name="Columns">Null for all.</param>
/// <param name="Filter">Null for all rows.</param>
/// <param name="Seed">Null for the version's own order.</param>
/// <param name="Uneven"><c>keep</c>, <c>pad</c> or <c>drop</c>.</param>
/// <param name="Shards">How many shards an epoch was dealt to.</param>
/// <param name="Read">In ascending order of shards.</param>
public sealed record EpochsRead(
    NodeId Dataset,
    string Order,
    ImmutableList<string>? Columns,
    string? Filter,
    long? Seed,
    string Uneven,
    int Shards,
    ImmutableList<ShardEpochs> Read)
{
    /// <summary>Whether a read was told before.</summary>
    public static bool Has(ImmutableList<EpochsRead> all, RunEpochRead read) =>
        all.Find(e => e.IsSameWay(read)) is { } same
        && same.Read.Exists(s => Within(s.Shards, read.Shard) && s.Epochs.Exists(e => Within(e, read.Epoch)));

    public static ImmutableList<EpochsRead> Take(ImmutableList<EpochsRead> all, RunEpochRead read)
    {
        var at = all.FindIndex(e => e.IsSameWay(read));
        return at < 0
            ? all.Add(new(
                read.Dataset, read.Order, read.Columns is null ? null : [.. read.Columns], read.Filter, read.Seed, read.Uneven, read.Shards,
                With([], read.Shard, read.Epoch)))
            : all.SetItem(at, all[at] with { Read = With(all[at].Read, read.Shard, read.Epoch) });
    }

    private bool IsSameWay(RunEpochRead read) =>
        (Dataset, Order, Filter, Seed, Uneven, Shards) == (read.Dataset, read.Order, read.Filter, read.Seed, read.Uneven, read.Shards)
        && (Columns, read.Columns) switch
        {
            ({ } mine, { } theirs) => mine.SequenceEqual(theirs, StringComparer.Ordinal),
            var (mine, theirs) => mine is null && theirs is null,
        };

    private static ImmutableList<ShardEpochs> With(ImmutableList<ShardEpochs> read, int shard, int epoch)
    {
        var split = read.SelectMany(s => Split(s, shard, epoch)).ToList();
        if (!split.Exists(s => Within(s.Shards, shard)))
            split.Add(new(new(shard, shard), [new(epoch, epoch)]));
        split.Sort((a, b) => a.Shards.From.CompareTo(b.Shards.From));
        return split.Aggregate(ImmutableList<ShardEpochs>.Empty, Join);
    }

    private static IEnumerable<ShardEpochs> Split(ShardEpochs read, int shard, int epoch)
    {
        if (!Within(read.Shards, shard))
            return [read];

        ShardEpochs[] parts =
        [
            read with { Shards = new(read.Shards.From, shard - 1) },
            new(new(shard, shard), With(read.Epochs, epoch)),
            read with { Shards = new(shard + 1, read.Shards.To) },
        ];
        return parts.Where(p => p.Shards.From <= p.Shards.To);
    }

    private static ImmutableList<ShardEpochs> Join(ImmutableList<ShardEpochs> read, ShardEpochs next) =>
        read is [.., var last] && last.Shards.To + 1 == next.Shards.From && last.Epochs.SequenceEqual(next.Epochs)
            ? read.SetItem(read.Count - 1, last with { Shards = new(last.Shards.From, next.Shards.To) })
            : read.Add(next);

    private static ImmutableList<NumberRange> With(ImmutableList<NumberRange> ranges, int number)
    {
        if (ranges.Exists(r => Within(r, number)))
            return ranges;
        var (below, above) = (ranges.Find(r => r.To == number - 1), ranges.Find(r => r.From == number + 1));
        var joined = new NumberRange(below?.From ?? number, above?.To ?? number);
        return [.. ranges.Where(r => r != below && r != above).Append(joined).OrderBy(r => r.From)];
    }

    private static bool Within(NumberRange range, int number) => range.From <= number && number <= range.To;
}
