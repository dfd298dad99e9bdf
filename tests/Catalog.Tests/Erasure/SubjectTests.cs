using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Erasure;
using Catalog.Features;
using Xunit;

namespace Catalog.Tests.Erasure;

/// <summary>A row is the subject's where a column has its value, whatever the column's type; a text names it or does not.</summary>
public sealed class SubjectTests
{
    private static readonly byte[] s_key = [1, 2, 3];

    [Fact]
    public void A_value_is_compared_as_the_column_has_it()
    {
        using var batch = Table(
            ("id", Int64Type.Default, new Int64Array.Builder().Append(4711).Append(42).AppendNull().Build()),
            ("email", StringType.Default, new StringArray.Builder().Append("ada@example.org").Append("4711").Append("Ada").Build()));

        Assert.Equal([true, false, false], Rows(batch, ("id", "4711")));
        Assert.Equal([true, false, false], Rows(batch, ("email", "ada@example.org")));
        Assert.Equal([false, true, false], Rows(batch, ("email", "4711")));
        Assert.Equal([true, true, false], Rows(batch, ("id", "4711"), ("email", "4711")));
    }

    [Theory]
    [InlineData("id", "ada")]
    [InlineData("id", "4711.5")]
    [InlineData("none", "4711")]
    public void Where_no_row_can_have_the_value_none_is_looked_for(string column, string value)
    {
        using var batch = Table(("id", Int64Type.Default, new Int64Array.Builder().Append(4711).Build()));

        var test = SubjectTest.Of(Of((column, value)), batch.Schema, isPredictions: false);

        Assert.True(test is null || !test.Match(batch).Contains(true));
    }

    [Fact]
    public void Predictions_are_told_by_the_keys_they_were_made_for()
    {
        using var batch = Table(
            ("request_id", StringType.Default, new StringArray.Builder().Append("a").Append("b").Append("c").Append("d").Build()),
            ("keys", StringType.Default, new StringArray.Builder()
                .Append("{\"customer\":4711}").Append("{\"customer\":\"4711\"}").Append("{\"other\":4711}")
                .Append("{\"customer\":47110}").Build()));

        var test = SubjectTest.Of(Of(("customer", "4711")), batch.Schema, isPredictions: true);

        Assert.Equal([true, true, false, false], test?.Match(batch) ?? []);
    }

    [Theory]
    [InlineData("{\"customer\":4711}", true)]
    [InlineData("{\"customer\":\"4711\"}", true)]
    [InlineData("{\"rows\":4711}", false)]
    [InlineData("{\"customer\":[4711]}", true)]
    [InlineData("{\"customer\":{\"rows\":4711}}", false)]
    [InlineData("{\"sql\":\"select * from t where customer = 4711\"}", false)]
    [InlineData("{\"note\":\"4711\"}", true)]
    public void A_short_value_is_named_by_its_member_or_by_all_of_a_text(string json, bool named) =>
        Assert.Equal(named, SubjectMention.IsIn(System.Text.Encoding.UTF8.GetBytes(json), Of(("customer", "4711"))));

    [Theory]
    [InlineData("{\"sql\":\"where email = 'ada@example.org'\"}", true)]
    [InlineData("{\"sql\":\"where email = 'ADA@example.org'\"}", true)]
    [InlineData("{\"sql\":\"where email = 'ada@example.orga'\"}", false)]
    [InlineData("{\"sql\":\"where email = 'xada@example.org'\"}", false)]
    [InlineData("{\"ada@example.org\":1}", false)]
    public void A_long_value_is_named_as_a_word_within_a_text(string json, bool named) =>
        Assert.Equal(named, SubjectMention.IsIn(System.Text.Encoding.UTF8.GetBytes(json), Of(("email", "ada@example.org"))));

    /// <summary>Texts of others are kept as they came, whatever they are.</summary>
    [Theory]
    [InlineData("{\"a\":\"\\ud800\",\"note\":\"4711\"}", true)]
    [InlineData("{\"a\":\"\\ud800\",\"note\":\"4712\"}", false)]
    [InlineData("{\"a\":", false)]
    public void What_cannot_be_read_is_searched_as_it_is(string json, bool named) =>
        Assert.Equal(named, SubjectMention.IsIn(System.Text.Encoding.UTF8.GetBytes(json), Of(("customer", "4711"))));

    [Fact]
    public void Deep_texts_are_looked_into()
    {
        var deep = new string('[', 5_000) + "\"4711\"" + new string(']', 5_000);

        Assert.True(SubjectMention.IsIn(System.Text.Encoding.UTF8.GetBytes(deep), Of(("customer", "4711"))));
    }

    [Fact]
    public void Its_hash_tells_subjects_apart_in_any_order_and_depends_on_the_key()
    {
        var hash = Of(("a", "1"), ("b", "2")).Hash(s_key);

        Assert.Equal(hash, Of(("b", "2"), ("a", "1")).Hash(s_key));
        Assert.NotEqual(hash, Of(("a", "2"), ("b", "1")).Hash(s_key));
        Assert.NotEqual(hash, Of(("a", "1"), ("b", "2")).Hash(new byte[] { 3, 2, 1 }));
        Assert.DoesNotContain("1", Of(("a", "1")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_a_view_goes_by_either_of_its_names()
    {
        var view = new FeatureDefinition(
            [new("customer", [new("customer", "int64", "customer_id")])], new(NodeId.Dataset("shop", "orders"), "ordered"),
            [new("amount", "float64", "amount")]);

        Assert.Equal("4711", SubjectNames.OfKeys(Of(("customer", "4711")), view).Values["customer"]);
        Assert.Equal("4711", SubjectNames.OfKeys(Of(("customer_id", "4711")), view).Values["customer"]);
        Assert.Empty(SubjectNames.OfKeys(Of(("amount", "4711")), view).Values);
    }

    private static bool[] Rows(RecordBatch batch, params (string, string)[] values) =>
        SubjectTest.Of(Of(values), batch.Schema, isPredictions: false)?.Match(batch) ?? [];

    private static Subject Of(params (string Column, string Value)[] values) =>
        new(values.ToDictionary(v => v.Column, v => v.Value, StringComparer.Ordinal));

    private static RecordBatch Table(params (string Name, IArrowType Type, IArrowArray Values)[] columns) => new(
        new Schema(columns.Select(c => new Field(c.Name, c.Type, nullable: true)), metadata: null), columns.Select(c => c.Values),
        columns[0].Values.Length);
}
