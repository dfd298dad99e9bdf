using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Microsoft.ML;

namespace Catalog.IntegrationTests.Columns;

/// <summary>Rows of an epoch as objects of .NET, and as ML.NET takes them.</summary>
public sealed class TrainingRowsTests(ServerFixture server)
{
    [Fact]
    public async Task Rows_come_as_records_and_a_token_counts_each_of_them()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog);
        var query = new TrainingQuery { Seed = 2, BatchRows = 100 };

        await using var read = await version.OpenTrainingReadAsync(query);
        var first = await read.RowsAsync<Departure>().Take(250).ToListAsync();
        await using var again = await version.OpenTrainingReadAsync(query with { Token = read.Token });
        var rest = await again.RowsAsync<Departure>().ToListAsync();

        Assert.Equal(250, read.Token.Position);
        Assert.Equal(Enumerable.Range(0, 5_000).Select(i => (long)i), first.Concat(rest).Select(f => f.Flight).Order());
        Assert.Contains(rest, f => f.Delay is null);
        Assert.Contains(rest, f => f.Origin?.StartsWith("airport ", StringComparison.Ordinal) == true);
    }

    /// <summary>Three passes by a trainer of ML.NET, each over the same rows in the same order.</summary>
    [Fact]
    public async Task A_trainer_of_ml_net_learns_from_a_shard()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog);
        var ml = new MLContext(seed: 1);
        var view = await version.OpenDataViewAsync(new TrainingQuery
        {
            Columns = ["distance", "delay"],
            Filter = "delay is not null",
            Seed = 4,
            Shard = 1,
            Shards = 2,
            BatchRows = 512,
        });

        var model = ml.Transforms.Conversion.ConvertType("Label", "delay")
            .Append(ml.Transforms.Conversion.ConvertType("far", "distance"))
            .Append(ml.Transforms.Concatenate("Features", "far"))
            .Append(ml.Transforms.NormalizeMinMax("Features"))
            .Append(ml.Regression.Trainers.Sdca(maximumNumberOfIterations: 3))
            .Fit(view);
        var metrics = ml.Regression.Evaluate(model.Transform(view));

        Assert.InRange(metrics.MeanAbsoluteError, 50, 200);
        var delays = Cells<int>(view, "delay");
        Assert.InRange(delays.Count, 2_000, 2_500);
        Assert.Equal(delays, Cells<int>(view, "delay"));
    }

    [Fact]
    public async Task A_null_that_ml_net_has_nothing_for_is_told_with_what_would_do()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var view = await (await CommitAsync(catalog)).OpenDataViewAsync(new TrainingQuery { Columns = ["delay"] });

        var refused = Assert.Throws<CatalogException>(() => Cells<int>(view, "delay"));

        Assert.Equal("client.column_unsupported", refused.Code);
        Assert.Contains("is not null", refused.Message, StringComparison.Ordinal);
    }

    private static List<T> Cells<T>(IDataView view, string name)
        where T : struct
    {
        var column = view.Schema[name];
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<T>(column);
        var cells = new List<T>();
        while (cursor.MoveNext())
        {
            var value = default(T);
            getter(ref value);
            cells.Add(value);
        }

        return cells;
    }

    private async Task<VersionReader> CommitAsync(CatalogClient catalog)
    {
        var name = new QualifiedName(New.Name("ns"), "flights");
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        var files = await MadeTable.WriteAsync(server.NewFolder(), files: 1, rows: 5_000);
        return await catalog.Datasets.ReadAsync((await catalog.Datasets.CommitAsync(name, NewVersion.Of(files))).Node);
    }

    private sealed record Departure(long Flight, int? Delay, double Distance, string? Origin);
}
