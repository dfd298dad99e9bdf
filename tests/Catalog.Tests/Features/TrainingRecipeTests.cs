using Catalog.Features;
using Catalog.Features.Training;
using Catalog.Schemas;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>What manifests hold of training sets, and the SQL of it: as they were, word for word.</summary>
public sealed class TrainingRecipeTests
{
    private static readonly NodeId s_flights = NodeId.Dataset("demo", "flights", 3);

    private static readonly SplitRule s_byTime = new(
        SplitBy.Time, [new("train", Until: DateTimeOffset.UnixEpoch.AddDays(11_323)), new("test")], Gap: TimeSpan.FromHours(36));

    private static readonly SplitRule s_byHash = new(
        SplitBy.Hash, [new("train", 0.75m), new("test", 0.25m)], Columns: ["carrier", "id"], Seed: -7, Disjoint: ["id"]);

    private static readonly TableSchema s_schema = new(
    [
        new("id", "uuid", false), new("carrier", "string", true), new("origin", "string", true), new("landed", "timestamp(ns)", true),
        new("created", "timestamp(us,UTC)", true), new("delay", "int32", true), new("_row", "string", true),
    ]);

    [Fact]
    public void The_text_of_a_recipe_and_its_hash_stay_what_they_are()
    {
        var recipe = Recipe(s_byHash, "carrier != 'it''s \\ ours'");

        Golden.Check(Stored("recipe.json"), recipe.ToText() + "\n");
        Golden.Check(Stored("recipe.sha256"), recipe.Hash() + "\n");
    }

    [Fact]
    public void A_recipe_is_read_as_it_was_written()
    {
        foreach (var recipe in new[] { Recipe(s_byHash, null), Recipe(s_byTime, "delay > 5"), Recipe(null, null) with { Views = [] } })
        {
            var read = TrainingRecipe.Parse(recipe.ToText());

            Assert.Equal((recipe.ToText(), recipe.Hash()), (read.ToText(), read.Hash()));
            Assert.Equal((recipe.KnownAt, recipe.Splits?.Gap, recipe.Rows.Filter), (read.KnownAt, read.Splits?.Gap, read.Rows.Filter));
        }
    }

    [Fact]
    public void Inputs_are_named_once() => Assert.Equal([s_flights], Recipe(null, null).Inputs());

    [Theory]
    [InlineData(SqlDialect.DuckDb)]
    [InlineData(SqlDialect.Spark)]
    public void The_SQL_of_a_recipe_is_the_one_that_was_reviewed(SqlDialect dialect)
    {
        SqlSource[] sources = [new(s_flights, s_schema, ["lake/it's `1`.parquet", "lake/2.parquet"])];

        var name = dialect == SqlDialect.Spark ? "spark" : "duckdb";
        var byHash = Recipe(s_byHash, "\"carrier\" != 'it''s \\ ours' and order in (1)");
        Golden.Check(Stored($"hash.{name}.sql"), TrainingSql.Of(byHash, sources, dialect));
        Golden.Check(Stored($"time.{name}.sql"), TrainingSql.Of(Recipe(s_byTime, null), sources, dialect));
    }

    private static TrainingRecipe Recipe(SplitRule? splits, string? filter) => new(
        TrainingRecipe.CurrentFormat,
        new(s_flights, "c0ffee", "landed", "America/Chicago", ["id", "carrier"], filter),
        [
            View("delays", null, Definitions.Delays),
            View("carriers", "last", Definitions.Plain with { Source = Definitions.Plain.Source with { Ties = TieRule.First } }),
        ],
        DateTimeOffset.UnixEpoch.AddDays(12_000), splits, "catalog-join/1", "a writer 1.0", "some options");

    private static RecipeView View(string name, string? alias, FeatureDefinition definition) => new(
        NodeId.FeatureView("demo", name, "2"), definition.Hash(), definition, alias,
        new Dictionary<string, string> { ["airport"] = "origin" },
        [.. definition.Features.Select(f => new RecipeFeature(f.Name, alias is null ? f.Name : $"{alias}__{f.Name}"))],
        s_flights, "c0ffee");

    private static string Stored(string name) => Repository.File("tests", "Catalog.Tests", "Features", "Golden", name);
}
