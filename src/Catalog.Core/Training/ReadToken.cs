using System.Globalization;

namespace Catalog.Training;

/// <summary>
/// Where a training read stands: <c>order.epoch.position</c>, such as <c>0f3a…c2.4.81920</c>. The order's name keeps a token from being
/// used with another version, filter, seed or layout. A client without this type adds to the position itself: it grows by the number of
/// shards with each row that a shard has used.
/// </summary>
/// <param name="Order">Of <see cref="OrderKey.Name"/>: 32 hexadecimal digits.</param>
/// <param name="Epoch">From 0.</param>
/// <param name="Position">How many rows of the epoch all shards together are through with.</param>
public sealed record ReadToken(string Order, int Epoch, long Position)
{
    private const int OrderLength = 32;

    /// <summary>Null where the text is no token.</summary>
    public static ReadToken? TryParse(string? text) =>
        text?.Split('.') is [{ Length: OrderLength } order, var epoch, var position]
        && order.All(char.IsAsciiHexDigitLower)
        && int.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var e)
        && long.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out var p)
            ? new(order, e, p)
            : null;

    /// <summary>
    /// Where to go on when shards stopped at different rounds: at the earliest. No row is left out; those that other shards were ahead by
    /// come again.
    /// </summary>
    /// <exception cref="ArgumentException">There is none, or they are of different orders or epochs.</exception>
    public static ReadToken Earliest(IEnumerable<ReadToken> tokens)
    {
        var all = tokens.ToList();
        return all is [] ? throw new ArgumentException("There is no token; one of each shard is needed.", nameof(tokens))
            : all.Exists(t => (t.Order, t.Epoch) != (all[0].Order, all[0].Epoch))
                ? throw new ArgumentException("Tokens of different orders or epochs have no place in common.", nameof(tokens))
            : all.MinBy(t => t.Position) ?? all[0];
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Order}.{Epoch}.{Position}");
}
