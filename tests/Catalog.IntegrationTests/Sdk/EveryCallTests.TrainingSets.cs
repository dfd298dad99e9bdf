using Catalog.Features.Training;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Sdk;

public sealed partial class EveryCallTests
{
    [Fact]
    public async Task Training_sets_are_made_read_verified_explained_and_written_as_SQL()
    {
        var api = await server.ApiAsync();
        var trips = await Departures.RegisterAsync(server.Server, api.Key ?? "", server.NewFolder());
        using var catalog = trips.Catalog;
        var splits = new SplitRule(
            SplitBy.Time, [new("train", Until: new DateTimeOffset(Departures.Start.AddDays(10))), new("test")], Gap: TimeSpan.FromDays(1));

        var made = await catalog.TrainingSets.CreateAsync(trips.Set, trips.Spec(splits));
        var read = await catalog.TrainingSets.GetAsync(made.Node);
        var verified = await catalog.TrainingSets.VerifyAsync(made.Node);
        var told = await catalog.TrainingSets.ExplainAsync(made.Node, row: 0, part: "test");
        var sql = await catalog.TrainingSets.SqlAsync(made.Node, SqlDialect.Spark, "s3://lake/inputs/");

        Assert.Equal((made.Recipe, splits.Gap), (read.RecipeHash, read.Recipe.Splits?.Gap));
        Assert.Equal((true, made.ContentHash), (verified.Verified, verified.Derived));
        Assert.Equal(("test", "test"), (told.Part, told.Values["split"].GetString()));
        Assert.Contains($"parquet.`s3://lake/inputs/{trips.Events}/1/", sql, StringComparison.Ordinal);
        foreach (var part in new[] { null, "valid" })
        {
            var wrong = await Assert.ThrowsAsync<CatalogException>(() => catalog.TrainingSets.ExplainAsync(made.Node, row: 0, part));
            Assert.Equal("request.invalid", wrong.Code);
        }

        var none = await Assert.ThrowsAsync<CatalogException>(
            () => catalog.TrainingSets.GetAsync(NodeId.Dataset(trips.Events.Namespace, trips.Events.Name, 1)));
        Assert.Equal("training_set.none", none.Code);
    }
}
