using Catalog.Training;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Training;

public sealed class DealTests
{
    [Fact]
    public void Shards_have_every_position_once_and_differ_by_one_row() =>
        Gen.Select(Gen.Long[0, 500], Gen.Long[0, 520], Gen.Int[1, 70]).Sample((rows, from, shards) =>
        {
            var all = Positions(rows, from, shards, Uneven.Keep);

            Assert.Equal(Range(Math.Min(from, rows), rows), all.SelectMany(p => p).Order());
            Assert.True(all.Max(p => p.Count) - all.Min(p => p.Count) <= 1);
        });

    [Fact]
    public void Padded_shards_are_equal_and_begin_again_where_rows_run_out() =>
        Gen.Select(Gen.Long[1, 500], Gen.Long[0, 520], Gen.Int[1, 70]).Sample((rows, from, shards) =>
        {
            var all = Positions(rows, from, shards, Uneven.Pad);

            var left = Math.Max(0, rows - from);
            Assert.All(all, p => Assert.Equal((left + shards - 1) / shards, p.Count));
            Assert.Equal(Range(Math.Min(from, rows), rows), all.SelectMany(p => p).Distinct().Where(p => p >= from).Order());
        });

    [Fact]
    public void Shards_that_drop_are_equal_and_leave_less_than_one_round() =>
        Gen.Select(Gen.Long[0, 500], Gen.Long[0, 520], Gen.Int[1, 70]).Sample((rows, from, shards) =>
        {
            var all = Positions(rows, from, shards, Uneven.Drop);

            var left = Math.Max(0, rows - from);
            Assert.All(all, p => Assert.Equal(left / shards, p.Count));
            Assert.Equal(Range(from, from + (left / shards * shards)), all.SelectMany(p => p).Order());
        });

    /// <summary>Whoever goes on from the end of a round reads what is left, with however many shards, and however often.</summary>
    [Fact]
    public void A_read_that_goes_on_with_other_numbers_of_shards_has_every_position_once() =>
        Gen.Select(Gen.Long[0, 300], Gen.Select(Gen.Int[1, 9], Gen.Int[0, 20]).Array[1, 6]).Sample((rows, legs) =>
        {
            var seen = new List<long>();
            var from = 0L;
            foreach (var (shards, rounds) in legs.Append((3, int.MaxValue)))
            {
                for (var shard = 0; shard < shards; shard++)
                {
                    var deal = new Deal(rows, from, shard, shards, Uneven.Keep);
                    seen.AddRange(Range(0, Math.Min(rounds, deal.Count)).Select(deal.PositionOf));
                }

                from = new Deal(rows, from, 0, shards, Uneven.Keep).After(rounds);
            }

            Assert.Equal(Range(0, rows), seen.Order());
        });

    [Fact]
    public void A_token_reads_as_it_was_written() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Long[0, long.MaxValue]).Sample((epoch, position) =>
        {
            var token = new ReadToken(new string('a', 32), epoch, position);

            Assert.Equal(token, ReadToken.TryParse(token.ToString()));
        });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.1")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.1.-2")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.1.99999999999999999999")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.1.2.3")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.1.2")]
    [InlineData("aaaa.1.2")]
    public void What_is_no_token_is_not_read(string? text) => Assert.Null(ReadToken.TryParse(text));

    [Fact]
    public void Shards_that_stopped_apart_go_on_at_the_earliest()
    {
        var order = new string('a', 32);
        ReadToken[] tokens = [new(order, 2, 640), new(order, 2, 576), new(order, 2, 640)];

        Assert.Equal(new ReadToken(order, 2, 576), ReadToken.Earliest(tokens));
        Assert.Throws<ArgumentException>(() => ReadToken.Earliest([.. tokens, new(order, 3, 0)]));
        Assert.Throws<ArgumentException>(() => ReadToken.Earliest([]));
    }

    private static List<List<long>> Positions(long rows, long from, int shards, Uneven uneven) =>
    [
        .. Enumerable.Range(0, shards).Select(shard =>
        {
            var deal = new Deal(rows, from, shard, shards, uneven);
            return Range(0, deal.Count).Select(deal.PositionOf).ToList();
        }),
    ];

    private static IEnumerable<long> Range(long from, long to)
    {
        for (var i = from; i < to; i++)
            yield return i;
    }
}
