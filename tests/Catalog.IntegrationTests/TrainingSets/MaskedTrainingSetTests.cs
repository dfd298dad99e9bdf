using Catalog.Features.Training;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.TrainingSets;

/// <summary>Training sets made by somebody whom a policy shows less of what goes into them.</summary>
public sealed class MaskedTrainingSetTests(ServerFixture server)
{
    [Fact]
    public async Task What_is_masked_for_whoever_makes_a_set_is_masked_in_it_and_proved_like_any_other()
    {
        var (trips, maker, principal) = await StartAsync();
        await Policies.MaskAsync(await server.ApiAsync(), principal, Node(trips.Rows), "tail", "hash");
        await Policies.MaskAsync(await server.ApiAsync(), principal, Node(trips.Events), "delay", "null");
        var spec = trips.Spec() with { Views = [trips.Spec().Views?[1] ?? throw new InvalidOperationException("There is no view.")] };

        var made = await maker.TrainingSets.CreateAsync(trips.Set, spec);

        var found = await trips.Catalog.TrainingSets.GetAsync(made.Node);
        Assert.Equal([("last__delay", "null"), ("tail", "hash")], found.Recipe.Masked?.Select(m => (m.Column, m.Mask)));
        Assert.True((await trips.Catalog.TrainingSets.VerifyAsync(made.Node)).Verified);
        await using var columns = await (await trips.Catalog.Datasets.ReadAsync(made.Node)).OpenColumnsAsync(
            new ColumnQuery { Columns = ["tail", "last__delay"] });
        var tails = new HashSet<string?>(StringComparer.Ordinal);
        await foreach (var next in columns.BatchesAsync())
        {
            using var batch = next;
            Assert.Equal(batch.Length, batch.Column(1).NullCount);
            for (var row = 0; row < batch.Length; row++)
                tails.Add(Cli.Printing.ArrowText.Of(batch.Column(0), row));
        }

        Assert.Equal(Departures.All.Select(r => r.Tail).Distinct().Count(), tails.Count);
        Assert.All(tails, t => Assert.Equal(64, t?.Length));
        var refused = await Assert.ThrowsAsync<CatalogException>(() => maker.TrainingSets.SqlAsync(made.Node, SqlDialect.DuckDb));
        Assert.Equal((422, "training_set.masked"), (refused.Status, refused.Code));
        Assert.NotEqual(made.ContentHash, (await trips.Catalog.TrainingSets.CreateAsync(trips.Set, spec)).ContentHash);
    }

    [Fact]
    public async Task Rows_that_are_left_out_are_not_in_the_set()
    {
        var (trips, maker, principal) = await StartAsync();
        await Policies.FilterAsync(await server.ApiAsync(), principal, Node(trips.Rows), "airport = 'ORD'");

        var made = await maker.TrainingSets.CreateAsync(trips.Set, trips.Spec());

        Assert.Equal(Departures.All.Count(r => r.Airport == "ORD"), made.Rows["rows"]);
        Assert.True((await trips.Catalog.TrainingSets.VerifyAsync(made.Node)).Verified);
    }

    [Fact]
    public async Task What_decides_about_rows_must_not_be_masked()
    {
        var (trips, maker, principal) = await StartAsync();
        await Policies.MaskAsync(await server.ApiAsync(), principal, Node(trips.Events), "delay", "null");

        var refused = await Assert.ThrowsAsync<CatalogException>(() => maker.TrainingSets.CreateAsync(trips.Set, trips.Spec()));

        Assert.Equal((403, "access.masked_column"), (refused.Status, refused.Code));
        Assert.Contains("'delay'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("airport", "hash")] // what rows are joined by
    [InlineData("left", "null")] // and when they were
    public async Task Nothing_is_joined_by_what_is_masked(string column, string mask)
    {
        var (trips, maker, principal) = await StartAsync();
        await Policies.MaskAsync(await server.ApiAsync(), principal, Node(trips.Rows), column, mask);

        var refused = await Assert.ThrowsAsync<CatalogException>(() => maker.TrainingSets.CreateAsync(trips.Set, trips.Spec()));

        Assert.Equal((403, "access.masked_column"), (refused.Status, refused.Code));
        Assert.Contains($"'{column}'", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Somebody who may make things, beside whoever brought the data.</summary>
    private async Task<(Departures Trips, CatalogClient Maker, string Principal)> StartAsync()
    {
        var (api, principal) = await server.ApiAsync("writer");
        var trips = await Departures.RegisterAsync(server.Server, (await server.ApiAsync()).Key ?? "", server.NewFolder());
        return (trips, new CatalogClient(server.Server.Address, api.Key ?? ""), principal);
    }

    private static NodeId Node(QualifiedName name) => NodeId.Dataset(name.Namespace, name.Name);
}
