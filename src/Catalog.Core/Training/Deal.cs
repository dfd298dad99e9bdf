using System.Runtime.InteropServices;

namespace Catalog.Training;

/// <summary>What happens to the rows that are left over when an epoch is dealt to several shards.</summary>
public enum Uneven
{
    /// <summary>The first shards have one row more than the others: every row comes exactly once.</summary>
    Keep,

    /// <summary>Shards without a last row get one from the beginning of the order: some rows come twice, all shards are equal.</summary>
    Pad,

    /// <summary>The rows that are left over are not read: all shards are equal.</summary>
    Drop,
}

/// <summary>
/// Deals the positions of an order to shards, one row to each in turns. In each round all shards together read the same rows however
/// many they are, and a round ends at one position: so a whole read is resumed from one number.
/// </summary>
/// <param name="Rows">Of the epoch.</param>
/// <param name="From">The position to begin with.</param>
/// <param name="Shard">From 0.</param>
/// <param name="Shards">How many.</param>
/// <param name="Uneven">What is done with rows that are left over.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Deal(long Rows, long From, int Shard, int Shards, Uneven Uneven)
{
    /// <summary>How many rows this shard gets.</summary>
    public long Count => Uneven switch
    {
        Uneven.Drop => Left / Shards,
        Uneven.Pad => (Left + Shards - 1) / Shards,
        _ => Own,
    };

    /// <summary>How many of them are its own, and not repeated from the beginning: one less at most.</summary>
    public long OwnCount => Math.Min(Count, Own);

    private long Left => Math.Max(0, Rows - From);

    private long Own => Math.Max(0, (Left - Shard + Shards - 1) / Shards);

    /// <param name="row">Of this shard, from 0 to below <see cref="Count"/>.</param>
    public long PositionOf(long row)
    {
        var position = From + Shard + (row * Shards);
        return position < Rows ? position : (position - Rows) % Rows;
    }

    /// <summary>Where all shards are after as many rounds: what there is to go on from.</summary>
    /// <param name="rounds">How many rows each shard has used.</param>
    public long After(long rounds) => Math.Max(From, Math.Min(Rows, From + (rounds * Shards)));
}
