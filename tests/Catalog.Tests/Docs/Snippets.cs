using Catalog.Access;
using Catalog.Features;
using Catalog.Features.Training;
using Catalog.Lineage;
using Catalog.Sdk;
using Catalog.Search;
using Catalog.Tiers;
using Catalog.Training;
using Catalog.Usage;

namespace Catalog.Tests.Docs;

/// <summary>
/// The C# of README and docs/sdk.md, kept where the compiler reads it. What lies between a line <c>// docs: name</c> and <c>// end</c> is
/// shown there, without its indentation; <see cref="SnippetTests"/> compares.
/// </summary>
internal static partial class Snippets
{
    public static async Task TrainAsync()
    {
        // docs: ten-lines
        await using var catalog = CatalogClient.FromEnvironment();
        await using var run = await catalog.StartRunAsync("lab/train-delay");
        var flights = await run.ReadAsync("demo/flights", "latest", role: "train");
        var files = await flights.DownloadAsync("data");
        await run.LogParameterAsync("trees", 200);
        var (model, auc) = Train(files, trees: 200);
        await run.LogMetricAsync("auc", auc);
        await run.LogModelAsync("lab/flight-delay", model);
        await run.CompleteAsync();
        // end
    }

    public static async Task ConnectAsync(string apiKey)
    {
        // docs: connect
        await using var catalog = new CatalogClient(
            new Uri("http://catalog.example.org:4870"),
            apiKey,
            new CatalogClientOptions { Purpose = Purpose.Training });
        // end
    }

    public static async Task DescribeRunAsync(CatalogClient catalog, IEnumerable<double> losses)
    {
        // docs: run-options
        await using var run = await catalog.StartRunAsync("lab/train-delay", new RunOptions
        {
            CodeRevision = "4f2a9c1",
            Environment = new Dictionary<string, string> { ["host"] = "gpu-3" },
            Parameters = new Dictionary<string, object> { ["trees"] = 200, ["rate"] = 0.2 },
            Owner = "team-lab",
        });
        await run.LogMetricsAsync(losses.Select((loss, epoch) => new MetricPoint("loss", loss, epoch)));
        await run.WriteAsync("lab/predictions", NewVersion.Of("predictions/") with { Message = "Validation set" });
        // end
    }

    public static async Task ReadByAddressAsync(CatalogClient catalog)
    {
        // docs: signed
        var version = await catalog.Datasets.ReadAsync("demo/flights", 3);
        await foreach (var file in version.SignedFiles(prefix: "2001/", lifetime: TimeSpan.FromHours(1)))
            Console.WriteLine($"{file.Url} until {file.ExpiresAt}, SHA-256 {file.Sha256}");

        var january = await version.SignAsync("2001/01.parquet");
        await using var bytes = await version.OpenSignedAsync(january);
        await version.DownloadSignedAsync("flights");
        // end
    }

    public static async Task CommitAsync(CatalogClient catalog)
    {
        // docs: commit
        await catalog.Datasets.RegisterAsync("lab/flights", new Registration("team-lab", "Flights, as the lab uses them"));
        var receipt = await catalog.Datasets.CommitAsync(
            "lab/flights",
            new NewVersion
            {
                Sources = ["data/2001-01.parquet", new VersionSource.Folder("/srv/lake/flights", "**/*.parquet", Prefix: "lake")],
                ExpectedParent = 0,
                Format = "parquet",
            },
            new Progress<WorkProgress>(p => Console.WriteLine($"{p.Stage}: {p.Files} files, {p.Bytes} bytes")));
        Console.WriteLine($"{receipt.Node} {receipt.ContentHash}");
        // end
    }

    public static async Task ReadAsync(CatalogClient catalog)
    {
        // docs: read
        await foreach (var dataset in catalog.Datasets.ListAsync(new DatasetQuery(Tag: "public-domain")))
            Console.WriteLine($"{dataset.Node} has {dataset.Latest} versions");

        var version = await catalog.Datasets.ReadAsync("demo/flights", 3);
        await foreach (var file in version.Files())
            Console.WriteLine($"{file.Path}: {file.Rows} rows");
        // end
    }

    public static async Task ReadColumnsAsync(CatalogClient catalog, Action<Apache.Arrow.RecordBatch> train)
    {
        // docs: columns
        var version = await catalog.Datasets.ReadAsync("demo/flights", "latest");
        await using var columns = await version.OpenColumnsAsync(new ColumnQuery
        {
            Columns = ["date", "delay", "distance"],
            Filter = "distance >= 100 and origin in ('LAX', 'ORD')",
            Shard = 0,
            Shards = 4,
        });
        await foreach (var batch in columns.BatchesAsync())
        {
            using (batch)
                train(batch);
        }
        // end
    }

    public static async Task TrainAsync(
        ActiveRun run, int epoch, int rank, int workers, ReadToken? checkpoint, Action<Apache.Arrow.RecordBatch, ReadToken> train)
    {
        // docs: training
        var version = await run.ReadAsync("demo/flights", "latest", "train");
        await using var read = await version.OpenTrainingReadAsync(new TrainingQuery
        {
            Columns = ["delay", "distance"],
            Seed = 42,
            Epoch = epoch,
            Shard = rank,
            Shards = workers,
            Uneven = Uneven.Pad,
            Token = checkpoint,
        });
        await foreach (var batch in read.BatchesAsync())
        {
            using (batch)
                train(batch, read.Token);
        }
        // end
    }

    private sealed record Flight(int? Delay, double Distance);

    public static async Task ReadRowsAsync(VersionReader version)
    {
        // docs: training-rows
        await using var read = await version.OpenTrainingReadAsync(new TrainingQuery { Columns = ["delay", "distance"], Seed = 42 });
        await foreach (var flight in read.RowsAsync<Flight>())
            Console.WriteLine($"{flight.Distance} miles, {flight.Delay} minutes late");

        var view = await version.OpenDataViewAsync(new TrainingQuery { Columns = ["delay", "distance"], Seed = 42 });
        Console.WriteLine(view.Schema.Count);
        // end
    }

    public static async Task OperateAsync(CatalogClient catalog)
    {
        // docs: operations
        var usage = await catalog.Usage.ReadAsync(UsageBy.Run, new UsageQuery(Namespace: "demo"));
        foreach (var row in usage.Rows)
            Console.WriteLine($"{row.Key}: {row.Requests} requests, {row.Bytes} bytes");

        await catalog.Tiers.DeclareAsync("demo/flights", new TierPolicy(ColdDays: 90));
        var plan = await catalog.Tiers.PlanAsync();
        await catalog.Tiers.ApplyAsync();
        // end
        Console.WriteLine(plan.At);
    }

    public static async Task SearchAsync(CatalogClient catalog)
    {
        // docs: search
        var only = new SearchOptions { Kind = SearchKind.Dataset, Tag = "public-domain" };
        await foreach (var found in catalog.SearchAsync("departure delay", only))
            Console.WriteLine($"{found.Node} by {string.Join(", ", found.Matches.Select(m => $"{m.In} {m.Text}"))}");
        // end
    }

    public static async Task DeployAsync(CatalogClient catalog)
    {
        // docs: deploy
        await catalog.Models.SetAliasAsync("lab/flight-delay", "champion", 1);
        await catalog.Models.DeployAsync("lab/flight-delay", "eu-scoring", "champion");
        var trace = await catalog.LineageAsync(NodeId.Parse("model:lab/flight-delay@1"), LineageDirection.Up);
        foreach (var node in trace.Nodes)
            Console.WriteLine($"{node.Depth} {node.Id}");
        // end
    }

    public static async Task AskAsync(CatalogClient catalog)
    {
        // docs: lineage
        var (data, model) = (NodeId.Parse("dataset:demo/flights@1"), NodeId.Parse("model:demo/flight-delay@2"));
        var then = await catalog.Lineage.TraceAsync(
            data,
            LineageDirection.Both,
            new LineageOptions { AsOf = DateTimeOffset.Parse("2026-03-01T12:00:00Z"), Kinds = [NodeKind.Model] });
        foreach (var edge in (await catalog.Lineage.FindPathAsync(data, model)).Edges)
            Console.WriteLine($"{edge.From} {edge.Relation} {edge.To}");

        foreach (var owner in (await catalog.Lineage.ImpactAsync(data)).Owners)
            Console.WriteLine($"{owner.Owner} owns {string.Join(", ", owner.Things)}");

        foreach (var run in (await catalog.Lineage.CompareAsync(model.WithVersion(1), model)).Runs)
            Console.WriteLine($"{run.Job} ran with {string.Join(", ", run.Parameters.Select(p => $"{p.Name} {p.To}, not {p.From}"))}");
        // end
        Console.WriteLine(then.Nodes.Count);
    }

    public static async Task FollowAsync(CatalogClient catalog, long position, CancellationToken ct)
    {
        // docs: changes
        var options = new ChangeOptions { Follow = true, Types = ["dataset_version_committed", "model_deployed"] };
        await foreach (var change in catalog.Changes.ReadAsync(position, options, ct))
        {
            Console.WriteLine($"{change.Position} {change.Type} {change.Stream}");
            position = change.Position;
        }
        // end
    }

    public static async Task ExportAsync(CatalogClient catalog, NodeId data, NodeId model, NodeId run)
    {
        // docs: export
        var export = await catalog.Lineage.ExportAsync(model, LineageDirection.Up, LineageFormat.Prov);
        await File.WriteAllTextAsync("flight-delay.prov.json", export.Text);

        var explained = await catalog.Lineage.ExplainAsync(data, run, withBodies: true);
        foreach (var said in explained.Assertions)
            Console.WriteLine($"{said.Fact.RecordedAt} {said.Fact.Principal}: {said.Relation} since {said.Since} {said.Body?.Text}");
        // end
    }

    public static async Task GovernAsync(CatalogClient catalog)
    {
        // docs: identity
        var attributes = new Dictionary<string, string> { ["region"] = "eu" };
        await catalog.Principals.RegisterAsync("pipeline-7", PrincipalKind.Service, attributes);
        await catalog.Groups.CreateAsync("analysts", "Look at sales");
        await catalog.Groups.AddAsync("analysts", "pipeline-7");
        // end
    }

    public static async Task DefineAsync(CatalogClient catalog)
    {
        // docs: features
        var delays = new FeatureViewSpec("lab/origin_delays", "team-lab", new FeatureDefinition(
            Entities: [new Entity("airport", [new EntityKey("airport", "string", Column: "origin")])],
            Source: new FeatureSource(NodeId.Dataset("lab", "flights"), EventTime: "date", TimeZone: "America/Chicago"),
            Features:
            [
                new Feature("flights_1d", "int64", Column: null, new Aggregation(AggregateFunction.Count, TimeSpan.FromDays(1))),
                new Feature("delay_mean_7d", "float64", "delay", new Aggregation(AggregateFunction.Mean, TimeSpan.FromDays(7))),
            ]))
        {
            Tags = ["flights"],
        };
        var plan = await catalog.Features.PlanAsync([delays]);
        foreach (var difference in plan.Views[0].Differences)
            Console.WriteLine($"{difference.Field}: {difference.From} → {difference.To}");
        await catalog.Features.ApplyAsync([delays], plan);
        // end

        // docs: feature-services
        var live = new FeatureServiceSpec("lab/flight_delay", "team-lab", new FeatureServiceDefinition(
            Views:
            [
                new ServedView(NodeId.FeatureView("lab", "origin_delays")),
                new ServedView(NodeId.FeatureView("lab", "last_flight"), Features: ["minutes_late"]),
            ],
            LatencyTarget: TimeSpan.FromMilliseconds(5),
            Availability: 0.999));
        await catalog.Features.ApplyAsync([delays], [live]);
        await catalog.Models.NameFeatureServiceAsync("lab/delay", VersionRef.Latest, NodeId.FeatureService("lab", "flight_delay"));

        var newest = await catalog.Features.Generations.ListAsync("lab/origin_delays").FirstAsync();
        await catalog.Features.Generations.ActivateAsync([newest.Id], "Every morning.");
        await catalog.Features.Generations.RollBackAsync(NodeId.FeatureService("lab", "flight_delay"), "Delays of yesterday are missing.");
        // end
    }

    public static async Task DecideAsync(CatalogClient catalog)
    {
        // docs: predictions
        var asked = FeatureKeys.Of(("from", "ATL"), ("to", "JFK"));
        var values = await catalog.Features.Online.ReadAsync("lab/flight_delay", asked, new OnlineReadOptions(Receipt: true));
        await catalog.Models.LogPredictionsAsync(
        [
            new Prediction(
                RequestId: "4711-a",
                Model: NodeId.Model("lab", "delay", 1),
                Keys: new Dictionary<string, object?> { ["from"] = "ATL", ["to"] = "JFK" },
                Output: new Dictionary<string, object?> { ["late"] = true })
            {
                Receipt = values[0].Receipt,
                Features = values[0].ToDictionary(),
            },
        ]);
        var traced = await catalog.Models.PredictionAsync("lab/delay", "4711-a");
        Console.WriteLine($"{traced.Model}, trained on {string.Join(", ", traced.TrainedOn)}; {traced.SealedIn}");
        // end
    }

    public static async Task MaterializeAsync(CatalogClient catalog, DateTimeOffset landed)
    {
        // docs: materialize
        var view = NodeId.FeatureView("lab", "last_flight");
        var made = await catalog.Features.Generations.MaterializeAsync(view, new MaterializeOptions(From: "3", Reason: "Every morning."));
        var verified = await catalog.Features.Generations.VerifyAsync(Guid.Parse(made.Generations[0].Generation.Name));
        Console.WriteLine($"{verified.Rows} keys, {verified.Values} values differ");

        await catalog.Features.PushAsync("lab/last_flight",
        [
            new FeaturePush(
                Keys: new Dictionary<string, object?> { ["from"] = "ATL", ["to"] = "JFK" },
                EventTime: landed,
                Features: new Dictionary<string, object?> { ["distance"] = 760, ["minutes_late"] = 12 }),
        ]);
        var told = await catalog.Features.ExplainAsync("lab/last_flight", FeatureKeys.Of(("from", "ATL"), ("to", "JFK")), at: landed);
        Console.WriteLine($"{told.Generation}: {told.Served?.Origin}");

        var levels = await catalog.Features.Services.LevelsAsync("lab/flight_delay");
        Console.WriteLine($"{levels.Objectives[0].BudgetLeft:P0} of the errors that are allowed are left");
        // end
    }

    public static async Task<float[]> ServeAsync(CatalogClient catalog, IEnumerable<string> airports)
    {
        // docs: online
        var keys = new FeatureKeys().Add("airport", ["ATL", "JFK"]).Add("from", ["ATL", "JFK"]).Add("to", ["JFK", "LAX"]);
        var rows = await catalog.Features.Online.ReadAsync("lab/flight_delay", keys, new OnlineReadOptions(Receipt: true));
        Console.WriteLine($"{rows[0].Get<double?>("delay_mean_7d")} ({rows[0].StatusOf("delay_mean_7d")})");
        float[] late = rows["minutes_late"].ToFloats();

        var batch = catalog.Features.Online.BatchOf(["lab/origin_delays:delay_mean_7d"]);
        var delays = await Task.WhenAll(airports.Select(airport => batch.GetAsync("airport", airport)));
        // end
        return [.. late, .. delays.Select(row => row.Get<float>("delay_mean_7d"))];
    }

    public static async Task<float[]> MapFeaturesAsync(CatalogClient catalog, IReadOnlyList<string> airports)
    {
        // docs: mapped
        await using var features = await catalog.Features.Online.MapAsync(["lab/origin_delays:delay_mean_7d"]);
        var keys = features.NewKeys();
        foreach (var airport in airports)
            keys.Add(airport);
        var values = new float[airports.Count * features.Features.Count];
        var rows = features.Read(keys);
        rows.CopyTo(values);
        Console.WriteLine($"{rows.StatusOf(0, feature: 0)}, of {rows.ReceiptOf(0, feature: 0)?.Version}");
        // end
        return values;
    }

    public static async Task MakeTrainingSetAsync(CatalogClient catalog)
    {
        // docs: training-sets
        var made = await catalog.TrainingSets.CreateAsync("lab/delays", new TrainingSetSpec(
            new TrainingRows(NodeId.Dataset("lab", "flights", 2), EventTime: "date", TimeZone: "America/Chicago"),
            [
                new TrainingView(NodeId.FeatureView("lab", "origin_delays"), As: "destination")
                {
                    Keys = new Dictionary<string, string> { ["airport"] = "destination" },
                },
            ],
            Splits: new SplitRule(
                SplitBy.Hash, [new SplitPart("train", Share: 0.8m), new SplitPart("test", Share: 0.2m)], Columns: ["origin"])));
        Console.WriteLine($"{made.Node} has {made.Rows["train"]} rows to train on");

        var proof = await catalog.TrainingSets.VerifyAsync(made.Node);
        var origin = await catalog.TrainingSets.ExplainAsync(made.Node, row: 0, part: "test");
        var sql = await catalog.TrainingSets.SqlAsync(made.Node, SqlDialect.Spark, files: "s3://lake/inputs");
        // end
    }

    public static async Task FailAsync(CatalogClient catalog)
    {
        // docs: errors
        try
        {
            await catalog.Datasets.GetAsync("lab/nothing");
        }
        catch (CatalogException e) when (e.Code == "dataset.not_found")
        {
            Console.WriteLine(e.Detail);
        }
        // end
    }

    private static (string Model, double Auc) Train(IReadOnlyList<string> files, int trees) => ($"model-{files.Count}-{trees}.zip", 0.71);
}
