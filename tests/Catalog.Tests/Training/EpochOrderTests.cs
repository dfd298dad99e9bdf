using Catalog.Training;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Training;

public sealed class EpochOrderTests
{
    private static readonly Gen<(int[] Units, OrderShape Shape, long? Seed, int Epoch)> s_orders = Gen.Select(
        Gen.Int[0, 40].Array[0, 30],
        Gen.Int[0, 4].Select(Gen.Int[1, 60], (log, window) => new OrderShape(1 << log, window)),
        Gen.Long.Nullable(),
        Gen.Int[0, 5],
        (units, shape, seed, epoch) => (units, seed is null ? OrderShape.InOrder : shape, seed, epoch));

    [Fact]
    public void An_order_has_every_row_once() => s_orders.Sample(o =>
    {
        var order = Of(o.Units, o.Shape, o.Seed, o.Epoch);

        var rows = Rows(order);

        Assert.Equal(o.Units.Sum(), order.Rows);
        Assert.Equal(o.Units.SelectMany((n, unit) => Enumerable.Range(0, n).Select(row => (unit, row))), rows.Order());
    });

    [Fact]
    public void Without_a_seed_the_order_is_that_of_the_version() => s_orders.Where(o => o.Seed is null).Sample(o =>
    {
        var rows = Rows(Of(o.Units, o.Shape, o.Seed, o.Epoch));

        Assert.Equal(rows.Order(), rows);
    });

    [Fact]
    public void Windows_have_at_most_as_many_rows_as_were_asked_for_or_one_part() => s_orders.Sample(o =>
    {
        var order = Of(o.Units, o.Shape, o.Seed, o.Epoch);

        for (var lane = 0; lane < order.Lanes; lane++)
            Assert.All(order.WindowsOf(lane), w => Assert.True(w.Parts.Count == 1 || w.Rows <= o.Shape.WindowRows));
    });

    [Fact]
    public void Lanes_differ_by_one_row_at_most() => s_orders.Sample(o =>
    {
        var order = Of(o.Units, o.Shape, o.Seed, o.Epoch);

        var sizes = Enumerable.Range(0, order.Lanes).Select(lane => order.WindowsOf(lane).Sum(w => (long)w.Rows)).ToList();

        Assert.True(sizes.Max() - sizes.Min() <= 1);
        Assert.Equal(sizes.OrderDescending(), sizes);
    });

    /// <summary>What is written here is what runs of the past were made with: it is not to change.</summary>
    [Fact]
    public void The_order_of_a_seed_is_the_same_for_good()
    {
        var key = new OrderKey("4f1e", "", 7, new OrderShape(2, 6));
        var order = new EpochOrder(key, [3, 4, 5], epoch: 1);

        Assert.Equal(PinnedName, key.Name);
        Assert.Equal(PinnedRows, string.Join(' ', Rows(order).Select(r => $"{r.Unit}:{r.Row}")));
    }

    [Fact]
    public void Whatever_makes_an_order_makes_another()
    {
        var key = new OrderKey("4f1e", "", 7, new OrderShape(2, 50));
        int[] units = [40, 40, 40];
        var rows = Rows(new EpochOrder(key, units, 0));

        OrderKey[] others =
        [
            new("4f1f", "", 7, new(2, 50)), new("4f1e", "a > 1", 7, new(2, 50)), new("4f1e", "", 8, new(2, 50)),
            new("4f1e", "", 7, new(1, 50)), new("4f1e", "", 7, new(2, 51)), new("4f1e", "", null, new(2, 50)),
        ];

        Assert.All(others, other => Assert.NotEqual(key.Name, other.Name));
        Assert.All(others, other => Assert.NotEqual(rows, Rows(new EpochOrder(other, units, 0))));
        Assert.NotEqual(rows, Rows(new EpochOrder(key, units, 1)));
    }

    /// <summary>
    /// Rows that were neighbours must not stay near each other, and a batch must not come from one row group. If row groups alone were
    /// shuffled, or rows within row groups alone, the first or the second number would be many times what is allowed.
    /// </summary>
    [Fact]
    public void Rows_are_shuffled_across_row_groups()
    {
        const int Groups = 64;
        const int GroupRows = 1_000;
        const int Batch = 256;
        int[] units = [.. Enumerable.Repeat(GroupRows, Groups)];
        var order = new EpochOrder(new OrderKey("4f1e", "", 1, OrderShape.Of(Groups, Groups * GroupRows, 1L << 30)), units, 0);

        var rows = Rows(order);
        var neighbours = rows.Zip(rows.Skip(1)).Count(p => p.First.Unit == p.Second.Unit && Math.Abs(p.First.Row - p.Second.Row) == 1);
        var groupsInABatch = rows.Chunk(Batch).Where(b => b.Length == Batch).Select(b => b.Select(r => r.Unit).Distinct().Count()).ToList();
        var largestShare = rows.Chunk(Batch).Where(b => b.Length == Batch)
            .Max(b => b.GroupBy(r => r.Unit).Max(g => g.Count()) / (double)Batch);

        Assert.True(neighbours < rows.Count / 1_000, $"{neighbours} of {rows.Count} rows come next to a neighbour.");
        Assert.True(groupsInABatch.Min() >= 8, $"A batch has rows of {groupsInABatch.Min()} row groups only.");
        Assert.True(largestShare < 0.4, $"One row group makes {largestShare:P0} of a batch.");
    }

    /// <summary>Within a window each row is as likely at one place as at another: chi-squared, 15 degrees of freedom, p = 10⁻⁶.</summary>
    [Fact]
    public void A_window_is_shuffled_evenly()
    {
        const int Cells = 16;
        const int Epochs = 4_000;
        var seen = new int[Cells];
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var order = new EpochOrder(new OrderKey("4f1e", "", 3, new OrderShape(1, Cells)), [Cells], epoch);
            seen[order.RowsOf(order.WindowsOf(0)[0])[5]]++;
        }

        var expected = (double)Epochs / Cells;
        Assert.InRange(seen.Sum(n => (n - expected) * (n - expected) / expected), 1.5, 57.2);
    }

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(1, 1_000, 100_000, 1)]
    [InlineData(11, 3_000_000, 16_000_000, 2)]
    [InlineData(25, 3_000_000, 234_000_000, 4)]
    [InlineData(10_000, 1_000_000, 100_000_000, 32)]
    [InlineData(1_000, 1_000_000, 64L << 30, 1)]
    public void Lanes_follow_from_the_files(long groups, long rows, long bytes, int lanes)
    {
        var shape = OrderShape.Of(groups, rows, bytes);

        Assert.Equal(lanes, shape.Lanes);
        Assert.InRange(shape.WindowRows, 1, OrderShape.MaxWindowRows);
        Assert.True((double)shape.Lanes * shape.WindowRows * bytes <= 140e6 * Math.Max(1, rows) || shape.WindowRows == 1);
    }

    internal static EpochOrder Of(IReadOnlyList<int> units, OrderShape shape, long? seed, int epoch) =>
        new(new OrderKey("4f1e", "", seed, shape), units, epoch);

    /// <summary>Straight from the definition: lanes in turns, windows one after the other.</summary>
    internal static List<(int Unit, int Row)> Rows(EpochOrder order)
    {
        var lanes = Enumerable.Range(0, order.Lanes).Select(lane => order.WindowsOf(lane).SelectMany(window =>
        {
            (int, int)[] all = [.. window.Parts.SelectMany(p => Enumerable.Range(p.From, p.Rows).Select(row => (p.Unit, row)))];
            return order.RowsOf(window).Select(r => all[r]);
        }).ToList()).ToList();
        return [.. Enumerable.Range(0, (int)order.Rows).Select(p => lanes[p % order.Lanes][p / order.Lanes])];
    }

    private const string PinnedName = "3601572a10074f896b057765e3e506f3";
    private const string PinnedRows = "0:1 2:1 0:2 2:3 0:0 2:2 1:1 2:0 1:2 2:4 1:0 1:3";
}
