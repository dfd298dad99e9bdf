using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Columns;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar;
using Catalog.Tests.Storage.Columnar;
using Catalog.Tests.Training;
using Catalog.Training;
using Xunit;

namespace Catalog.Tests.Columns;

public sealed class ObligedReadTests
{
    private static readonly byte[] s_key = new byte[32];

    private static readonly Schema s_schema = new(
        [new("region", StringType.Default, true), new("amount", Int32Type.Default, false), new("card", StringType.Default, false)],
        metadata: null);

    [Fact]
    public async Task Rows_are_chosen_by_the_values_that_are_masked_then()
    {
        var (schema, rows) = await ReadAsync(
            new() { Columns = ["card", "region"] },
            Obliged(["amount < 30", "region = 'eu'"], new("card", Mask.LastFour), new("region", Mask.Redact)));

        Assert.Equal(["**0002 | REDACTED", "**0004 | REDACTED"], rows);
        Assert.Equal("""[{"column":"card","mask":"last-four"},{"column":"region","mask":"redact"}]""", schema.Metadata["catalog.masked"]);
        Assert.Equal("true", schema.Metadata["catalog.filtered"]);
    }

    [Fact]
    public async Task Of_masks_only_those_of_columns_that_are_read_are_told()
    {
        var (schema, rows) = await ReadAsync(new() { Columns = ["amount"] }, Obliged([], new ColumnMask("card", Mask.Null)));

        Assert.Equal(6, rows.Count);
        Assert.Empty(schema.Metadata);
    }

    [Fact]
    public void Without_obligations_a_request_stays_what_it_is()
    {
        var request = new ScanRequest();
        Assert.Same(request, ObligedRead.Bind(request, s_schema, AccessObligations.None, s_key));
        Assert.Equal("", ObligedRead.Spell(AccessObligations.None));
    }

    [Theory]
    [InlineData("secret = 'blue'")] // there is no such column
    [InlineData("amount = 'blue'")] // it is a number
    [InlineData("amount blue")] // it is no filter
    public void Where_a_policys_filter_does_not_fit_nothing_is_read_and_its_words_are_not_told(string filter)
    {
        var refused = Assert.Throws<ProblemException>(() => ObligedRead.Bind(new(), s_schema, Obliged([filter]), s_key)).Problem;

        Assert.Equal("access.denied", refused.Code);
        Assert.DoesNotContain("blue", refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("card = '1'")]
    [InlineData("amount > 5 and card is not null")]
    public void A_filter_that_compares_a_masked_column_is_refused(string filter)
    {
        var refused = ObligedRead.WhyNotCompared(FilterText.Parse(filter), Obliged([], new ColumnMask("card", Mask.Hash)));

        Assert.Equal(("access.masked_column", true), (refused?.Code, refused?.Detail.Contains("'card'", StringComparison.Ordinal)));
        Assert.Null(ObligedRead.WhyNotCompared(FilterText.Parse(filter), Obliged(["card = '1'"])));
        Assert.NotNull(ObligedRead.WhyNotCompared(FilterText.Parse(filter), new([], Mask.Null, [])));
    }

    [Fact]
    public void A_place_in_an_epoch_is_bound_to_obligations_and_the_order_is_not()
    {
        AccessObligations[] all =
        [
            AccessObligations.None, Obliged([], new ColumnMask("card", Mask.Hash)), Obliged([], new ColumnMask("card", Mask.Null)),
            Obliged(["amount < 30"]), new([], Mask.Null, []),
        ];
        var keys = all.Select(o => new OrderKey("4f1e", "", 7, new(2, 50), ObligedRead.Spell(o))).ToList();

        Assert.Equal(all.Length, keys.Select(k => k.Name).Distinct().Count());
        Assert.Equal(new OrderKey("4f1e", "", 7, new(2, 50)).Name, keys[0].Name);
        Assert.All(keys, k => Assert.Equal(Rows(keys[0]), Rows(k)));

        static List<(int Unit, int Row)> Rows(OrderKey key) => EpochOrderTests.Rows(new EpochOrder(key, [40, 33, 7], epoch: 2));
    }

    private static AccessObligations Obliged(IReadOnlyList<string> filters, params IReadOnlyList<ColumnMask> masks) =>
        new(masks, Mask.None, filters);

    private static async Task<(Schema Schema, IReadOnlyList<string> Rows)> ReadAsync(ScanRequest request, AccessObligations obligations)
    {
        var file = await Scans.WriteAsync(new(), new RecordBatch(
            s_schema,
            [
                Values.Array(StringType.Default, ["us", "eu", null, "eu", "eu", "us"]),
                Values.Array(Int32Type.Default, [5, 10, 15, 20, 30, 40]),
                Values.Array(StringType.Default, ["990001", "990002", "990003", "990004", "990005", "990006"]),
            ],
            6));
        var bound = ObligedRead.Bind(request, s_schema, obligations, s_key);
        var (schema, rows, _) = await Scans.RowsAsync(file, bound);
        return (schema, rows);
    }
}
