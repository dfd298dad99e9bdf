using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text;
using Catalog.Access;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Lineage;
using Catalog.Sdk;
using Catalog.Search;

namespace Catalog.IntegrationTests.Sdk;

/// <summary>Every call of the SDK, made once to a real server: names of fields, headers and addresses are the server's own.</summary>
public sealed partial class EveryCallTests(ServerFixture server) : IDisposable
{
    private const string ThisFolder = "tests/Catalog.IntegrationTests/Sdk";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_call_there_is_is_made_here()
    {
        Type[] clients =
        [
            typeof(CatalogClient), typeof(DatasetClient), typeof(ModelClient), typeof(RunClient), typeof(JobClient), typeof(KeyClient),
            typeof(ObjectClient), typeof(ChangeClient), typeof(ActiveRun), typeof(VersionReader), typeof(UsageClient), typeof(TierClient),
            typeof(FeatureClient), typeof(FeatureServiceClient), typeof(GenerationClient), typeof(OnlineClient), typeof(FeatureBatch),
            typeof(GroupClient), typeof(PrincipalClient), typeof(PolicyClient), typeof(AccessClient),
        ];
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, ThisFolder), "EveryCallTests*.cs")
            .Select(File.ReadAllText));
        var calls = clients.SelectMany(c => c.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => !m.IsSpecialName && !m.Name.StartsWith("Dispose", StringComparison.Ordinal))
            .Select(m => m.Name)).Distinct().ToList();

        Assert.True(calls.Count > 30, $"only {calls.Count} calls were found");
        Assert.All(calls, call => Assert.Contains($".{call}(", source, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Datasets_are_registered_described_tagged_and_retired()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = new QualifiedName(New.Name("ns"), "flights");
        var datasets = catalog.Datasets;

        var registered = await datasets.RegisterAsync(name, new Registration("team", "Flights", ["gold"]));
        var read = await datasets.GetAsync(name);
        await datasets.DescribeAsync(name, new Description(Datasheet: new Datasheet(Licence: "CC0")), read.ETag);
        var late = await Assert.ThrowsAsync<CatalogException>(() => datasets.DescribeAsync(name, new Description("you"), read.ETag));
        await datasets.TagAsync(name, "pii");
        await datasets.UntagAsync(name, "gold");
        await datasets.SetCompatibilityAsync(name, Compatibility.Backward);
        var listed = await datasets.ListAsync(new DatasetQuery(name.Namespace, "pii")).ToListAsync();

        Assert.True(registered.Changed);
        Assert.Equal((412, "request.precondition_failed"), (late.Status, late.Code));
        var dataset = Assert.Single(listed);
        Assert.Equal(
            ("Flights", "CC0", Compatibility.Backward),
            (dataset.Documentation, dataset.Datasheet?.Licence, dataset.Compatibility));
        Assert.Equal(["pii"], dataset.Tags);

        await datasets.RetireAsync(name, "Replaced");
        Assert.Equal("Replaced", (await datasets.GetAsync(name)).RetiredBecause);
    }

    [Fact]
    public async Task Versions_are_committed_named_read_and_verified()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = await RegisteredAsync(catalog);
        var datasets = catalog.Datasets;

        var first = await datasets.CommitAsync(name, NewVersion.Of(Written("a.txt", "a"), Written("b/c.txt", "c")));
        Assert.Equal(1, Assert.Single(await datasets.ListAsync(new DatasetQuery(name.Namespace)).ToListAsync()).Latest);
        var stored = await catalog.Objects.UploadAsync(new MemoryStream("d"u8.ToArray()));
        var second = await datasets.CommitAsync(
            name,
            new NewVersion { Sources = [new VersionSource.Stored(stored.Sha256, "d.txt")], Mode = CommitMode.Append, ExpectedParent = 1 });
        await datasets.SetAliasAsync(name, "gold", 2);

        Assert.Equal(["2", "1"], await datasets.VersionsAsync(name).Select(v => v.Node.Version).ToListAsync());
        Assert.Equal(first.ContentHash, (await datasets.GetVersionAsync(first.Node)).ContentHash);
        var version = await datasets.ReadAsync(name, "gold");
        Assert.Equal(second.Node, version.Node);
        Assert.Equal(["a.txt", "c.txt", "d.txt"], await version.Files().Select(f => f.Path).ToListAsync());
        Assert.Equal("d", await TextAsync(await version.OpenAsync("d.txt")));
        Assert.Equal(3, (await version.DownloadAsync(_folder["down"])).Count);
        Assert.Equal("c", await File.ReadAllTextAsync(Path.Combine(_folder["down"], "c.txt")));
        var missing = await Assert.ThrowsAsync<CatalogException>(() => version.OpenAsync("none.txt"));
        Assert.Equal("file.not_in_version", missing.Code);
        Assert.Equal(["d.txt"], await version.SignedFiles("d", TimeSpan.FromMinutes(1)).Select(f => f.Path).ToListAsync());
        var signed = await version.SignAsync("d.txt");
        Assert.Equal("d", await TextAsync(await version.OpenSignedAsync(signed)));
        Assert.Equal(3, (await version.DownloadSignedAsync(_folder["signed"])).Count);
        Assert.Equal("c", await File.ReadAllTextAsync(Path.Combine(_folder["signed"], "c.txt")));
        var noTable = await Assert.ThrowsAsync<CatalogException>(() => version.OpenColumnsAsync());
        Assert.Equal("columns.none", noTable.Code);
        var noRows = await Assert.ThrowsAsync<CatalogException>(() => version.OpenTrainingReadAsync(new TrainingQuery { Seed = 1 }));
        Assert.Equal("columns.none", noRows.Code);
        var noView = await Assert.ThrowsAsync<CatalogException>(() => version.OpenDataViewAsync(new TrainingQuery { Seed = 1 }));
        Assert.Equal("columns.none", noView.Code);

        var before = catalog.Position;
        var verification = await datasets.VerifyAsync(second.Node);
        Assert.True(verification.Verified);
        Assert.True(verification.Position > before && catalog.Position == verification.Position);

        await datasets.RemoveAliasAsync(name, "gold");
        Assert.Empty((await datasets.GetAsync(name)).Aliases ?? new Dictionary<string, long>());
    }

    [Fact]
    public async Task Files_in_place_are_referred_to_and_sealed()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = await RegisteredAsync(catalog);
        var folder = server.NewFolder();
        New.File(folder, "a.csv", "x\n1\n");

        var observed = await catalog.Datasets.CommitAsync(
            name, new NewVersion { Sources = [new VersionSource.Folder(folder, "*.csv")], Observed = true });
        var sealing = await catalog.Datasets.SealAsync(observed.Node);

        Assert.Null(observed.ContentHash);
        Assert.NotNull(sealing.ContentHash);
        Assert.Equal(VersionState.Sealed, (await catalog.Datasets.GetVersionAsync(name, 1)).State);
    }

    [Fact]
    public async Task A_run_reads_logs_writes_and_ends()
    {
        using var catalog = await ClientOf.AdminAsync(server, Purpose.Training);
        var flights = await RegisteredAsync(catalog);
        var input = await catalog.Datasets.CommitAsync(flights, NewVersion.Of(Written("in.txt", "1")));
        var job = new QualifiedName(flights.Namespace, "train");

        await using var run = await catalog.StartRunAsync(job, new RunOptions { Tags = ["nightly"], Owner = "team" });
        var version = await run.ReadAsync(input.Node, role: "train");
        Assert.Equal("1", await TextAsync(await version.OpenAsync(Assert.Single(await version.Files().ToListAsync()))));
        await run.LogParameterAsync("trees", 200);
        await run.LogParametersAsync(new Dictionary<string, object> { ["rate"] = 0.5 });
        await run.LogMetricAsync("auc", 0.7);
        await run.LogMetricsAsync([new MetricPoint("loss", double.NaN, 1), new MetricPoint("loss", 0.5, 2)]);
        await run.TagAsync("best");
        var output = await run.WriteAsync(new QualifiedName(flights.Namespace, "out"), [Written("out.txt", "2")]);
        var model = await run.LogModelAsync(new QualifiedName(flights.Namespace, "model"), Written("model.bin", "m"));
        await run.CompleteAsync();

        var trace = await catalog.LineageAsync(model.Node, LineageDirection.Up);
        Assert.Contains(input.Node, trace.Nodes.Select(n => n.Id));
        await AskOfLineageAsync(catalog, input.Node, output.Node, model.Node, run.Id);
        var shown = await catalog.Runs.GetAsync(run.Id);
        Assert.Equal((RunState.Completed, 2L), (shown.State, shown.Metrics?["loss"].Count));
        Assert.Equal(["200", "0.5"], [shown.Parameters?["trees"], shown.Parameters?["rate"]]);
        Assert.Equal([output.Node, model.Node], shown.Outputs);
        Assert.Equal([double.NaN, 0.5], (await catalog.Runs.MetricsAsync(run.Id, "loss")).Select(p => p.Value));
        Assert.Equal(run.Id, Assert.Single(await catalog.Runs.ListAsync(new RunQuery(job, RunState.Completed)).ToListAsync()).Id);
        Assert.Equal(job.Name, Assert.Single(await catalog.Jobs.ListAsync(job.Namespace).ToListAsync()).Name);
        Assert.Equal(job.Name, (await catalog.Jobs.GetAsync(job)).Name);
        var only = new SearchOptions { Kind = SearchKind.Job, Namespace = job.Namespace };
        Assert.Equal(NodeId.Job(job.Namespace, job.Name), Assert.Single(await catalog.SearchAsync(job.Name, only).ToListAsync()).Node);
    }

    private static async Task AskOfLineageAsync(CatalogClient catalog, NodeId input, NodeId output, NodeId model, Guid run)
    {
        var lineage = catalog.Lineage;
        var around = await lineage.TraceAsync(
            output, LineageDirection.Both, new LineageOptions { Kinds = [NodeKind.Model], Namespaces = [input.Namespace] });
        Assert.Equal([output, model], around.Nodes.Select(n => n.Id));
        var jobs = await lineage.TraceAsync(
            model.WithoutVersion(), LineageDirection.Up, new LineageOptions { Granularity = LineageGranularity.Job, Depth = 1 });
        Assert.Equal(LineageGranularity.Job, jobs.Granularity);

        var path = await lineage.FindPathAsync(input, model, new LineageOptions { Depth = 2 });
        Assert.Equal([LineageRelation.Input, LineageRelation.Trained], path.Edges.Select(e => e.Relation));
        Assert.False((await lineage.FindPathAsync(model, input)).Found);

        var impact = await lineage.ImpactAsync(input, new LineageOptions { Limit = 100 });
        Assert.Equal([input, NodeId.Run(run), model], Assert.Single(impact.Models).Reason);
        Assert.Contains("team", impact.Owners.Select(o => o.Owner));
        catalog.Include((await catalog.Datasets.TagAsync(QualifiedName.Of(input), input.Namespace)).Position);
        Assert.Single(await catalog.Datasets.ListAsync(new DatasetQuery(Tag: input.Namespace)).ToListAsync());
        Assert.Equal([input.WithoutVersion()], (await lineage.ImpactOfTagAsync(input.Namespace)).Of);

        Assert.True((await lineage.CompareAsync(output, model)).Same);
        var explained = await lineage.ExplainAsync(input, NodeId.Run(run), withBodies: true);
        var because = Assert.Single(explained.Statements).Because;
        var said = Assert.Single(explained.Assertions);
        Assert.Equal((because?.Position, because?.RecordedAt), (said.Fact.Position, said.Since));
        Assert.Null(said.Body);
        var tree = await lineage.ExportAsync(model, LineageDirection.Up, LineageFormat.Tree, new LineageOptions { Depth = 1 });
        Assert.Equal(
            ($"{model}\n└── run:{run}  trained\n", "text/plain", false, true),
            (tree.Text, tree.MediaType, tree.Truncated, tree.Position >= because?.Position));
        Assert.Equal($"run:{run}", because?.Stream);
        Assert.EndsWith($"/v1/runs/{run}", (await lineage.ShowAsync(NodeId.Run(run))).Page, StringComparison.Ordinal);
        var before = new LineageOptions { AsOf = because?.Position - 1 };
        Assert.Equal([input], (await lineage.TraceAsync(input, LineageDirection.Down, before)).Nodes.Select(n => n.Id));
        Assert.True((await lineage.CompareAsync(input, input, before, toAsOf: because?.RecordedAt, toAt: because?.RecordedAt)).Same);
    }

    [Fact]
    public async Task Runs_are_known_by_their_ids()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var flights = await RegisteredAsync(catalog);
        await catalog.Datasets.CommitAsync(flights, NewVersion.Of(Written("in.txt", "1")));
        var (runs, id) = (catalog.Runs, Guid.CreateVersion7());

        await runs.StartAsync(new QualifiedName(flights.Namespace, "train"), new RunOptions { Id = id });
        var pinned = await runs.AddInputAsync(id, flights, "latest");
        await runs.LogParametersAsync(id, new Dictionary<string, object> { ["trees"] = 1 });
        await runs.LogMetricsAsync(id, [new MetricPoint("auc", 0.7)]);
        await runs.TagAsync(id, "a");
        await runs.UntagAsync(id, "a");
        await runs.CompleteAsync(id);

        Assert.Equal("1", pinned.Node.Version);
        Assert.Empty((await runs.GetAsync(id)).Tags ?? []);

        var failing = await catalog.StartRunAsync(new QualifiedName(flights.Namespace, "train"));
        await failing.FailAsync("No room");
        var aborted = await catalog.StartRunAsync(new QualifiedName(flights.Namespace, "train"));
        await aborted.AbortAsync("Enough");
        Assert.Equal(("No room", "Enough"), ((await runs.GetAsync(failing.Id)).Reason, (await runs.GetAsync(aborted.Id)).Reason));
    }

    [Fact]
    public async Task Models_are_registered_named_deployed_and_retired()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = new QualifiedName(New.Name("ns"), "delay");
        await using var run = await catalog.StartRunAsync(new QualifiedName(name.Namespace, "train"));
        var models = catalog.Models;

        await models.RegisterAsync(name, new ModelRegistration("team", "Says whether a flight is late"));
        var made = await models.CommitAsync(name, run.Id, new NewModelVersion { Sources = [Written("model.bin", "m")], Message = "First" });
        await models.SetAliasAsync(name, "champion", 1);
        var deployed = await models.DeployAsync(made.Node, "eu");

        Assert.Equal(NodeKind.Deployment, deployed.Node.Kind);
        Assert.Equal("First", (await models.GetVersionAsync(name, "champion")).Message);
        Assert.Equal(made.Node, Assert.Single(await models.VersionsAsync(name).ToListAsync()).Node);
        Assert.Equal(1, (await models.GetAsync(name)).Deployments?["eu"]);
        Assert.Equal("m", await TextAsync(await (await models.ReadAsync(made.Node)).OpenAsync("model.bin")));
        Assert.True((await models.VerifyAsync(made.Node)).Verified);
        Assert.Single(await models.ListAsync(name.Namespace).ToListAsync());

        await models.UndeployAsync(name, "eu");
        await models.RemoveAliasAsync(name, "champion");
        await models.RetireAsync(name, "Replaced");
        Assert.True((await models.GetAsync(name)).Retired);
    }

    [Fact]
    public async Task Changes_are_read_by_their_types()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = await RegisteredAsync(catalog);

        var changes = await catalog.Changes.ReadAsync(0, new ChangeOptions { Types = ["dataset_registered"] }).ToListAsync();

        var change = Assert.Single(changes, c => c.Node == NodeId.Dataset(name.Namespace, name.Name));
        Assert.Equal(("dataset_registered", "admin"), (change.Type, change.Principal));
        Assert.Equal(name.Name, change.Data.GetProperty("name").GetString());
        Assert.All(changes, c => Assert.Equal("dataset_registered", c.Type));
        Assert.Equal(changes.Select(c => c.Position).Order(), changes.Select(c => c.Position));
        var one = await catalog.Changes.ReadAsync(change.Position - 1, new ChangeOptions { Limit = 1 }).SingleAsync();
        Assert.Equal(change.Id, one.Id);
    }

    [Fact]
    public async Task A_backup_is_an_archive()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        using var archive = new MemoryStream();

        await catalog.BackupAsync(archive);

        archive.Position = 0;
        await using var zip = new System.IO.Compression.ZipArchive(archive);
        Assert.NotEmpty(zip.Entries);
    }

    [Fact]
    public async Task A_batch_of_metrics_that_comes_again_is_logged_once()
    {
        var api = await server.ApiAsync();
        var run = await New.RunAsync(api);
        var batch = new { batch = Guid.CreateVersion7(), points = new[] { new { key = "loss", value = 0.5 } } };

        (await api.PostAsync($"/v1/runs/{run}/metrics", batch)).Expect(201);
        (await api.PostAsync($"/v1/runs/{run}/metrics", batch)).Expect(200);

        Assert.Single((await api.GetAsync($"/v1/runs/{run}/metrics")).Expect(200).Items);
    }

    [Fact]
    public async Task A_file_that_changes_size_while_it_is_sent_is_named_so_over_a_real_connection()
    {
        using var catalog = await ClientOf.AdminAsync(server);

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Objects.UploadAsync(new Growing()));

        Assert.Equal("file.changed", e.Code);
    }

    [Fact]
    public async Task A_commit_in_the_name_of_a_run_asks_for_the_run_too()
    {
        using var catalog = await ClientOf.AdminAsync(server, Purpose.Evaluation);
        var name = await RegisteredAsync(catalog);
        var started = await catalog.Runs.StartAsync(new QualifiedName(name.Namespace, "job"));
        var run = Guid.Parse(started.Node.Name);
        await catalog.Models.RegisterAsync(name, new ModelRegistration("team"));
        var file = Written("x.txt", "x");
        using var asked = new Asked(Act.Run, "evaluation");

        await catalog.Datasets.CommitAsync(name, NewVersion.Of(file) with { Run = run });
        Assert.Equal(1, asked.Count);
        await catalog.Datasets.CommitAsync(
            name, new NewVersion { Sources = [new VersionSource.Folder(server.NewFolder())], Observed = true, Run = run });
        Assert.Equal(2, asked.Count);
        await catalog.Models.CommitAsync(name, run, new NewModelVersion { Sources = [file] });
        Assert.Equal(3, asked.Count);
    }

    private static async Task<QualifiedName> RegisteredAsync(CatalogClient catalog)
    {
        var name = new QualifiedName(New.Name("ns"), "data");
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        return name;
    }

    private string Written(string name, string text)
    {
        var path = _folder[Path.Combine("up", name)];
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "");
        File.WriteAllText(path, text);
        return path;
    }

    private static async Task<string> TextAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Counts questions to the gate of one kind, for a purpose that no other test declares with it.</summary>
    private sealed class Asked : IDisposable
    {
        private readonly MeterListener _listener = new();
        private int _count;

        public Asked(Act act, string purpose)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "catalog.access.decisions")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
            {
                var seen = tags.ToArray().ToDictionary(t => t.Key, t => t.Value);
                if (Equals(seen["act"], act) && Equals(seen["purpose"], purpose))
                    Interlocked.Increment(ref _count);
            });
            _listener.Start();
        }

        public int Count => _count;

        public void Dispose() => _listener.Dispose();
    }

    /// <summary>A file to which somebody goes on writing.</summary>
    private sealed class Growing() : MemoryStream(new byte[1000])
    {
        public override long Length => base.Length - 10;
    }
}
