using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Predictions;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Predictions;

/// <summary>What is decided with a model is kept, each decision once, and can be traced to the bytes behind it.</summary>
public sealed class PredictionLogTests(ServerFixture server)
{
    [Fact]
    public async Task Predictions_of_four_writers_are_sealed_each_once()
    {
        var decisions = await Decisions.OfModelAsync(await ClientOf.AdminAsync(server));
        var ids = Decisions.Ids(2_000);
        var writers = ids.Chunk(500).Select(some => Task.Run(async () =>
        {
            foreach (var batch in some.Chunk(50))
            {
                var receipt = await decisions.Catalog.Models.LogPredictionsAsync(batch.Select(id => decisions.Of(id)));
                Assert.Equal(new PredictionReceipt(50, 0), receipt);
            }
        }));
        await Task.WhenAll(writers);
        var waiting = await decisions.Catalog.Models.PredictionLogAsync(decisions.Model);
        Assert.Equal((true, 200, 2_000, 0, 0), (waiting.Enabled, waiting.RetentionDays, waiting.Waiting, waiting.Kept, waiting.Lost));

        // Two at once: one of them seals, and whoever was not heard sends again what he sent.
        var again = decisions.Catalog.Models.LogPredictionsAsync(ids.Take(100).Select(id => decisions.Of(id)));
        await Task.WhenAll(
            decisions.Catalog.Models.SealPredictionsAsync(decisions.Model), decisions.Catalog.Models.SealPredictionsAsync(decisions.Model));
        Assert.Equal(100, (await again).Accepted);
        await decisions.Catalog.Models.SealPredictionsAsync(decisions.Model);

        Assert.Equal(ids.Order(StringComparer.Ordinal), (await decisions.SealedAsync()).Order(StringComparer.Ordinal));
        var kept = await decisions.Catalog.Models.PredictionLogAsync(decisions.Model);
        Assert.Equal((2_000, 0, 0), (kept.Kept, kept.Waiting, kept.Lost));
        Assert.Equal(NodeId.Dataset(decisions.Dataset.Namespace, decisions.Dataset.Name), kept.Dataset);
        Assert.Equal("team-scoring", (await decisions.Catalog.Datasets.GetAsync(decisions.Dataset)).Owner);
    }

    [Fact]
    public async Task A_version_goes_on_from_the_one_before_and_comes_of_the_models_version()
    {
        var decisions = await Decisions.OfModelAsync(await ClientOf.AdminAsync(server));
        var ids = Decisions.Ids(3);
        foreach (var id in ids)
        {
            await decisions.Catalog.Models.LogPredictionsAsync([decisions.Of(id)]);
            Assert.Equal(1, (await decisions.Catalog.Models.SealPredictionsAsync(decisions.Model)).Predictions);
        }

        var nothing = await decisions.Catalog.Models.SealPredictionsAsync(decisions.Model);
        var third = NodeId.Dataset(decisions.Dataset.Namespace, decisions.Dataset.Name, 3);
        Assert.Equal(new SealedPredictions(third, 0), nothing);
        Assert.Equal(3, (await (await decisions.Catalog.Datasets.ReadAsync(third)).Files().ToListAsync()).Count);
        Assert.Equal(ids, await decisions.SealedAsync());

        var position = (await decisions.Catalog.Models.SetAliasAsync(decisions.Model, "champion", 1)).Position;
        var api = await server.ApiAsync();
        var up = (await api.GetAsync($"/v1/lineage?node={third.ToString().Escaped()}&depth=2&atLeast={position}")).Expect(200);
        Assert.Contains(decisions.Version.ToString(), up.Text, StringComparison.Ordinal);
        var down = (await api.GetAsync(
            $"/v1/lineage?node={decisions.Version.ToString().Escaped()}&direction=down&depth=2&atLeast={position}")).Expect(200);
        Assert.Contains(third.ToString(), down.Text, StringComparison.Ordinal);
        (await api.GetAsync($"/v1/lineage?node={third.ToString().Escaped()}&format=openlineage")).Expect(200);
        (await api.GetAsync($"/v1/lineage?node={third.ToString().Escaped()}&format=prov")).Expect(200);
    }

    [Fact]
    public async Task Nothing_is_taken_that_could_never_be_sealed()
    {
        var decisions = await Decisions.OfModelAsync(await ClientOf.AdminAsync(server));
        await decisions.Catalog.Datasets.RetireAsync(decisions.Dataset, "Kept elsewhere.");

        var refused = await Assert.ThrowsAsync<CatalogException>(
            () => decisions.Catalog.Models.LogPredictionsAsync([decisions.Of(Decisions.Ids(1)[0])]));

        Assert.Equal("prediction_log.off", refused.Code);
        Assert.Equal(0, (await decisions.Catalog.Models.PredictionLogAsync(decisions.Model)).Waiting);
    }

    [Fact]
    public async Task A_decision_is_traced_to_training_data_and_to_the_generation_and_its_files()
    {
        var api = await server.ApiAsync();
        var trips = await Departures.RegisterAsync(server.Server, api.Key ?? "", server.NewFolder());
        var view = NodeId.FeatureView(trips.Latest.Namespace, trips.Latest.Name);
        var made = (await trips.Catalog.Features.Generations.MaterializeAsync(view)).Generations[0];
        var decisions = await Decisions.OfModelAsync(trips.Catalog, trips.Rows, trips.Rows.Namespace);
        var read = await trips.Catalog.Features.Online.ReadAsync(
            [$"{trips.Latest}:delay"], new FeatureKeys().Add("airport", ["JFK", "ORD"]), new OnlineReadOptions(Receipt: true));
        var id = Decisions.Ids(1)[0];
        var prediction = decisions.Of(id) with
        {
            Receipt = read[1].Receipt,
            Features = read[1].ToDictionary(),
            At = TimeProvider.System.GetUtcNow().AddMinutes(-3),
        };
        Assert.Equal(1, (await trips.Catalog.Models.LogPredictionsAsync([prediction])).Accepted);

        var waits = await trips.Catalog.Models.PredictionAsync(decisions.Model, id);
        Assert.Null(waits.SealedIn);
        await trips.Catalog.Models.SealPredictionsAsync(decisions.Model);
        var remembered = await trips.Catalog.Models.PredictionAsync(decisions.Model, id);
        await ForgetAsync(decisions);
        var today = DateOnly.FromDateTime(waits.LoggedAt.UtcDateTime);
        var found = await trips.Catalog.Models.PredictionAsync(decisions.Model, id);
        var onThatDay = await trips.Catalog.Models.PredictionAsync(decisions.Model, id, today);

        Assert.Equal(NodeId.Dataset(decisions.Dataset.Namespace, decisions.Dataset.Name, 1), found.SealedIn);
        Assert.Equal((found.SealedIn, found.File), (remembered.SealedIn, remembered.File));
        Assert.Equal(found.File, onThatDay.File);
        foreach (var told in (TracedPrediction[])[waits, remembered, found])
        {
            Assert.Equal((id, decisions.Version), (told.RequestId, told.Model));
            Assert.Equal(prediction.At?.UtcTicks / 10, told.At.UtcTicks / 10);
            Assert.Equal(("ORD", 12.5), (told.Keys.GetProperty("airport").GetString(), told.Output.GetProperty("minutes").GetDouble()));
            Assert.True(told.Features?.TryGetProperty("delay", out _));
            var seen = Assert.Single(told.Receipt?.Views ?? []);
            Assert.Equal((view.WithVersion(1), made.Generation), (seen.View, seen.Generation));
            Assert.Equal(made.Sources[0].ToString(), seen.Origin);
            Assert.Equal(told.Versions.Single(v => v.Version == made.Sources[0]).Position, seen.Position);
            Assert.Equal([NodeId.Dataset(trips.Rows.Namespace, trips.Rows.Name, 1)], told.TrainedOn);
            var generation = Assert.Single(told.Generations);
            Assert.Equal((made.Generation, made.AsOf), (generation.Generation, generation.AsOf));
            Assert.Equal(made.Sources, generation.Sources);
            var events = Assert.Single(told.Versions, v => v.Version == made.Sources[0]);
            Assert.True(events.Position > 0);
            Assert.Equal(New.Sha256(await File.ReadAllBytesAsync(trips.EventsFile)), Assert.Single(events.FirstFiles).Sha256);
            Assert.Contains(told.Versions, v => v.Version == told.TrainedOn[0] && v.FirstFiles is [{ Sha256.Length: 64 }]);
        }

        var missing = await Assert.ThrowsAsync<CatalogException>(() => trips.Catalog.Models.PredictionAsync(decisions.Model, "none"));
        Assert.Equal((404, "prediction.not_found"), (missing.Status, missing.Code));
        var otherDay = await Assert.ThrowsAsync<CatalogException>(
            () => trips.Catalog.Models.PredictionAsync(decisions.Model, id, today.AddDays(-1)));
        Assert.Equal("prediction.not_found", otherDay.Code);
    }

    [Fact]
    public async Task What_cannot_be_kept_is_refused_by_its_field()
    {
        var decisions = await Decisions.OfModelAsync(await ClientOf.AdminAsync(server));
        var (api, (reader, _)) = (await server.ApiAsync(), await server.ApiAsync("reader"));
        object One(object? receipt = null, string? model = null, DateTimeOffset? at = null, object? output = null) => new
        {
            predictions = new[]
            {
                new
                {
                    requestId = "r", model = model ?? decisions.Version.ToString(), keys = new { }, output = output ?? 1, receipt, at,
                },
            },
        };
        object Receipt(Guid generation) => new
        {
            views = new[] { new { node = "feature-view:none/none@1", generation = NodeId.Generation(generation).ToString() } },
        };

        (await api.PostAsync("/v1/predictions", One(model: decisions.Version.WithVersion(9).ToString())))
            .ExpectProblem(404, "version.not_found");
        var unversioned = (await api.PostAsync("/v1/predictions", One(model: NodeId.Parse("model:a/b").ToString())))
            .ExpectProblem(400, "request.invalid");
        Assert.Contains("predictions[0].model", unversioned.Text, StringComparison.Ordinal);
        var unknown = (await api.PostAsync("/v1/predictions", One(Receipt(Guid.CreateVersion7()))))
            .ExpectProblem(422, "prediction.receipt_unknown");
        Assert.Contains("predictions[0].receipt.views[0].generation", unknown.Text, StringComparison.Ordinal);
        var later = (await api.PostAsync("/v1/predictions", One(at: TimeProvider.System.GetUtcNow().AddHours(1))))
            .ExpectProblem(400, "request.invalid");
        Assert.Contains("predictions[0].at", later.Text, StringComparison.Ordinal);
        (await api.PostAsync("/v1/predictions", One(output: new string('x', LogPredictions.MostText))))
            .ExpectProblem(400, "request.invalid");
        var half = $$$"""{"predictions":[{"requestId":"r","model":"{{{decisions.Version}}}","keys":{},"output":{"o":["\ud800"]}}]}""";
        var notUnicode = await api.PostAsync("/v1/predictions", half);
        Assert.Equal(400, notUnicode.Code);
        Assert.Contains("predictions[0].output", notUnicode.Text, StringComparison.Ordinal);
        (await reader.PostAsync("/v1/predictions", One())).ExpectProblem(403, "access.denied");
        (await api.PutAsync($"/v1/models/{decisions.Model}/prediction-log", new { retentionDays = 182 }))
            .ExpectProblem(400, "request.invalid");

        await decisions.Catalog.Models.SwitchPredictionLogOffAsync(decisions.Model);
        (await api.PostAsync("/v1/predictions", One())).ExpectProblem(409, "prediction_log.off");
        var log = await decisions.Catalog.Models.PredictionLogAsync(decisions.Model);
        Assert.Equal((false, 200), (log.Enabled, log.RetentionDays));
    }

    /// <summary>As happens some minutes after predictions were sealed.</summary>
    private Task ForgetAsync(Decisions decisions) => Sql.RunAsync(
        server.Database,
        $"delete from catalog.prediction where sealed is not null and stream = '{decisions.Version.StreamId.Replace("'", "''")}'");
}
