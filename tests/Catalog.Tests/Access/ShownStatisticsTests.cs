using Catalog.Access;
using Catalog.Integrity;
using Catalog.Manifests;
using Xunit;

namespace Catalog.Tests.Access;

public sealed class ShownStatisticsTests
{
    private static readonly Dictionary<string, ColumnStatistics> s_statistics = new(StringComparer.Ordinal)
    {
        ["amount"] = new("1", "9", 0),
        ["card"] = new("4000", "4999", 0),
        ["person.name"] = new("Ada", "Zoe", 2),
        ["person.age"] = new("20", "90", 2),
    };

    [Fact]
    public void Of_masked_columns_nothing_is_told_and_of_others_everything()
    {
        var shown = ShownStatistics.Of(s_statistics, new([new("card", Mask.LastFour), new("person.name", Mask.Null)], Mask.None, []));

        Assert.Equal(["amount", "person.age"], shown.Keys);
        Assert.Equal(s_statistics["amount"], shown["amount"]);
    }

    [Fact]
    public void Where_rows_are_left_out_or_all_is_masked_nothing_is_told()
    {
        Assert.Empty(ShownStatistics.Of(s_statistics, new([], Mask.None, ["amount > 3"])));
        Assert.Empty(ShownStatistics.Of(s_statistics, new([], Mask.Hash, [])));
        Assert.Same(s_statistics, ShownStatistics.Of(s_statistics, AccessObligations.None));
    }
}
