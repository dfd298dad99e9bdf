using Apache.Arrow;
using Catalog.Access;
using Catalog.Features;
using Catalog.Features.Training;
using Catalog.Platform.Http;
using Catalog.Schemas;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.Masking;
using Catalog.Tests.Storage;
using Catalog.Tests.Storage.Columnar;
using Catalog.TrainingSets;
using Xunit;
using Column = Catalog.Schemas.Column;

namespace Catalog.Tests.Features;

/// <summary>Training sets of sources that are masked, or seen in part, for whoever makes them.</summary>
public sealed class ObligedRecipeTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(7, 32).Select(i => (byte)i)];

    private static readonly FeatureDefinition s_latest = new(
        [new("name", [new("name", "string", "name")])], new(NodeId.Dataset("t", "events"), "at", "created"),
        [new("amount", "float64", "amount"), new("note", "string", "text")]);

    private static readonly FeatureDefinition s_sums = s_latest with
    {
        Features = [new("total", "float64", "amount", Definitions.Over(AggregateFunction.Sum, 1))],
    };

    [Fact]
    public void Masks_of_kept_columns_and_of_features_are_recorded_under_their_names_in_the_set()
    {
        var recipe = Bound(
            Recipe(s_latest, columns: ["text", "n"]),
            Obliged([new("amount", Mask.Null), new("text", Mask.Redact)]),
            Obliged([new("n", Mask.Null), new("text", Mask.Hash)]));

        Assert.Equal([new("text", "redact"), new RecipeMask("v__note", "hash")], recipe.Masked);
    }

    [Fact]
    public void A_recipe_without_masks_is_written_as_it_always_was()
    {
        var recipe = Recipe(s_latest);

        Assert.Same(recipe, Bound(recipe, AccessObligations.None, AccessObligations.None));
        Assert.DoesNotContain("masked", recipe.ToText(), StringComparison.Ordinal);
        var masked = Bound(recipe, Obliged([new("text", Mask.LastFour)]), AccessObligations.None);
        Assert.Equal(masked.ToText(), TrainingRecipe.Parse(masked.ToText()).ToText());
        Assert.NotEqual(recipe.Hash(), masked.Hash());
    }

    [Fact]
    public void Rows_that_are_left_out_are_left_out_by_the_recipe()
    {
        var recipe = Bound(Recipe(s_latest, filter: "n > 3"), Obliged([], "code = 1", "name in ('a', 'b')"), AccessObligations.None);

        Assert.Equal("n > 3 and code = 1 and name in ('a', 'b')", recipe.Rows.Filter);
        Assert.Null(recipe.Masked);
    }

    [Theory]
    [InlineData("at", "rows.eventTime")]
    [InlineData("name", "views[0].keys")]
    [InlineData("code", "splits.columns")]
    [InlineData("text", "splits.disjoint")]
    [InlineData("n", "rows.filter")]
    public void A_column_that_decides_about_rows_must_not_be_masked(string column, string field)
    {
        var splits = new SplitRule(SplitBy.Hash, [new("a", 0.5m), new("b", 0.5m)], ["code"], Disjoint: ["text"]);

        var refused = Refused(
            Recipe(s_latest, filter: "n > 3", splits: splits), Obliged([new(column, Mask.Hash)]), AccessObligations.None);

        Assert.Equal("access.masked_column", refused.Code);
        Assert.Equal([field], refused.Errors?.Keys);
        Assert.Contains($"'{column}'", refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("at")]
    [InlineData("name")]
    [InlineData("created")]
    [InlineData("amount")]
    public void A_column_that_a_view_is_computed_by_must_not_be_masked(string column) => Assert.Equal(
        "access.masked_column", Refused(Recipe(s_sums), AccessObligations.None, Obliged([new(column, Mask.Hash)])).Code);

    [Fact]
    public void Events_are_not_left_out() =>
        Assert.Equal("access.obliged", Refused(Recipe(s_latest), AccessObligations.None, Obliged([], "n > 1")).Code);

    [Fact]
    public void A_filter_of_ones_own_is_read_alone()
    {
        var refused = Refused(Recipe(s_latest, filter: "n >"), Obliged([], "name = 'secret'"), AccessObligations.None);

        Assert.Equal("request.invalid", refused.Code);
        Assert.DoesNotContain("secret", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policys_filter_that_does_not_fit_makes_no_training_set() => Assert.Equal(
        "access.denied",
        Assert.Throws<ProblemException>(
            () => Refused(Recipe(s_latest), Obliged([], "region = 'eu'"), AccessObligations.None)).Problem.Code);

    [Fact]
    public async Task A_training_set_has_what_is_shown_instead_and_joins_by_what_is_not()
    {
        var plain = await MadeAsync(Recipe(s_latest));
        var masked = await MadeAsync(Bound(
            Recipe(s_latest), Obliged([new("n", Mask.Bucket)]), Obliged([new("text", Mask.Hash), new("amount", Mask.Null)])));

        var expected = ColumnMasks.Of(
            plain.Schema, Obliged([new("n", Mask.Bucket), new("v__amount", Mask.Null), new("v__note", Mask.Hash)]), s_key);
        Assert.Equal(ArrowText.Rows(expected?.Apply(plain) ?? plain), ArrowText.Rows(masked));
        Assert.Contains(ArrowText.Column(masked, "v__note"), v => v.Length == 64);
    }

    private static async Task<RecordBatch> MadeAsync(TrainingRecipe recipe)
    {
        using var folder = TempFolder.InMemory();
        var rows = await JoinTables.FilesAsync(
            [.. Enumerable.Range(0, 50).Select(i => new Happening($"k{i % 7}", i, 1_000 + i, null, i, i * 3, $"row {i}"))], 1, 20);
        var events = await JoinTables.FilesAsync(
            [.. Enumerable.Range(0, 90).Select(i => new Happening($"k{i % 9}", i, 900 + i, i, i / 2.0, i, $"event {i}"))], 2, 20);
        var open = await OpenRecipe.OpenAsync(recipe, rows, [events], new(64 << 20, folder.Path), s_key, CancellationToken.None);
        using var file = new MemoryStream();
        await new TrainingFiles(open.Value ?? throw new InvalidOperationException(open.Problem?.Detail))
            .WriteAsync(_ => file, progress: null, CancellationToken.None);
        var scan = await ColumnScan.OpenAsync([Scans.Source(file.ToArray())], new(), CancellationToken.None);
        return await scan.ReadAsync().SingleAsync();
    }

    private static TrainingRecipe Bound(TrainingRecipe recipe, AccessObligations rows, AccessObligations events)
    {
        var bound = ObligedRecipe.Of(recipe, Source("rows", rows), [Source("events", events)]);
        return bound.Value ?? throw new InvalidOperationException(bound.Problem?.Detail);
    }

    private static Platform.Problem Refused(TrainingRecipe recipe, AccessObligations rows, AccessObligations events)
    {
        var bound = ObligedRecipe.Of(recipe, Source("rows", rows), [Source("events", events)]);
        return bound.Problem ?? throw new InvalidOperationException("It was not refused.");
    }

    private static AccessObligations Obliged(IReadOnlyList<ColumnMask> masks, params IReadOnlyList<string> filters) =>
        new(masks, Mask.None, filters);

    private static BoundSource Source(string name, AccessObligations obligations) => new(
        NodeId.Dataset("t", name, 1), "",
        new TableSchema(
        [
            Column("name", "string"), Column("code", "int32"), Column("at", "timestamp(us,UTC)"), Column("created", "timestamp(us,UTC)"),
            Column("amount", "float64"), Column("n", "int64"), Column("text", "string"),
        ]),
        obligations);

    private static Column Column(string name, string type) => new(name, type, Nullable: true, Children: null);

    private static TrainingRecipe Recipe(
        FeatureDefinition view, string? filter = null, IReadOnlyList<string>? columns = null, SplitRule? splits = null) => new(
        TrainingRecipe.CurrentFormat,
        new(NodeId.Dataset("t", "rows", 1), "", "at", null, columns, filter),
        [
            new(
                NodeId.FeatureView("t", "v", "1"), "", view, "v", new Dictionary<string, string> { ["name"] = "name" },
                [.. view.Features.Select(f => new RecipeFeature(f.Name, $"v__{f.Name}"))], NodeId.Dataset("t", "events", 1), ""),
        ],
        KnownAt: null, splits, "", "", "");
}
