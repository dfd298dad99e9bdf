using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Columns;
using Catalog.Erasure;
using Catalog.IntegrationTests.Online;
using Catalog.IntegrationTests.Predictions;
using Catalog.IntegrationTests.Serving;
using Catalog.Platform.Writes;
using Catalog.Retention;
using Catalog.Sdk;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.IntegrationTests.Erasure;

/// <summary>What is erased is gone from everywhere, what is not erased is as it was, and nobody is told more than is so.</summary>
public sealed class ErasureTests
{
    private const string Push = "v1/feature-views/shop/spending/versions/latest/push";

    [Fact]
    public async Task Looking_finds_the_rows_and_changes_nothing()
    {
        await using var orders = await Orders.StartAsync();

        var plan = await orders.Catalog.Erasures.PlanAsync(Orders.Seven);

        Assert.Equal(
            [(orders.Node.WithVersion(1), 10L, 1L), (orders.Node.WithVersion(2), 20L, 2L)],
            plan.Versions.Select(v => (v.Node, v.Rows, v.Files)));
        Assert.Equal(2, plan.Objects);
        Assert.DoesNotContain("7", plan.Versions.Select(v => v.Node.Name));
        Assert.Equal(2, (await orders.Catalog.Datasets.GetAsync(orders.Name)).Latest);
        Assert.Empty((await orders.Catalog.Erasures.PlanAsync(new Dictionary<string, string> { ["customer_id"] = "none" })).Versions);
        Assert.Empty((await orders.Catalog.Erasures.PlanAsync(Orders.Seven, within: ["elsewhere"])).Versions);
        Assert.Empty(await orders.Catalog.Erasures.ListAsync());
    }

    [Fact]
    public async Task Every_version_has_a_successor_without_the_rows_and_its_bytes_are_gone()
    {
        await using var orders = await Orders.StartAsync();
        await orders.Catalog.Datasets.SetAliasAsync(orders.Name, "gold", 1);
        var files = await FilesAsync(orders, 2);

        var done = await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.");

        var certificate = done.Certificate ?? throw new InvalidOperationException("There is no certificate.");
        Assert.Equal(
            [(orders.Node.WithVersion(1), (NodeId?)orders.Node.WithVersion(3)), (orders.Node.WithVersion(2), orders.Node.WithVersion(4))],
            certificate.Versions.Select(v => (v.Node, v.Successor)));
        Assert.Equal(Orders.Without(7, files: 1), await orders.RowsAsync(3));
        Assert.Equal(Orders.Without(7, files: 2), await orders.RowsAsync(4));
        var dataset = await orders.Catalog.Datasets.GetAsync(orders.Name);
        Assert.Equal((4, 3L), (dataset.Latest, dataset.Aliases?["gold"]));

        foreach (var path in (string[])["1/files", "2/columns", "2/content?path=2027-01.parquet"])
            (await orders.Server.Api.GetAsync($"/v1/datasets/shop/orders/versions/{path}")).ExpectProblem(410, "version.erased");
        Assert.All(files, f => Assert.False(File.Exists(orders.PathOf(f))));
        Assert.Equal(2, certificate.Objects);
        var old = await orders.Catalog.Datasets.GetVersionAsync(orders.Node.WithVersion(2));
        Assert.Equal((VersionState.Tombstoned, (Guid?)done.Id), (old.State, old.Tombstone?.Erasure));
        Assert.Null(old.Statistics);

        Assert.Empty((await orders.Catalog.Erasures.PlanAsync(Orders.Seven)).Versions);
        Assert.Equal(done.CertificateHash, (await orders.Catalog.Erasures.GetAsync(done.Id)).CertificateHash);
        Assert.True(Assert.Single(await orders.Catalog.Erasures.ListAsync()).Completed);
        Assert.True((await orders.Server.Api.PostAsync("/v1/datasets/shop/orders/versions/4/verify")).Expect(200)["verified"].GetBoolean());
    }

    /// <summary>The newest version has no row of the subject any more: the successor of an older one must not become the newest.</summary>
    [Fact]
    public async Task What_is_newest_stays_newest()
    {
        await using var orders = await Orders.StartAsync();
        await orders.Catalog.Erasures.EraseAsync(new Dictionary<string, string> { ["customer_id"] = "3" }, "Asked for.");
        await orders.CommitAsync(orders.Name, "other.parquet", 5, CommitMode.Replace);
        await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.", within: ["dataset:shop/orders"]);
        var after = await orders.Catalog.Datasets.GetAsync(orders.Name);
        var rows = await orders.RowsAsync(after.Latest);
        Assert.Equal(90, rows.Count);
        Assert.All(rows, r => Assert.InRange(r.Order, 500, 599));

        // Nothing of 7 in the newest, and 5 only in older ones.
        await orders.CommitAsync(orders.Name, "other.parquet", 6, CommitMode.Replace);
        var newest = await orders.RowsAsync((await orders.Catalog.Datasets.GetAsync(orders.Name)).Latest);
        await orders.Catalog.Erasures.EraseAsync(new Dictionary<string, string> { ["number"] = "505" }, "Asked for.");
        Assert.Equal(newest, await orders.RowsAsync((await orders.Catalog.Datasets.GetAsync(orders.Name)).Latest));
    }

    [Fact]
    public async Task A_training_set_is_made_again_of_what_is_left_and_never_said_to_be_verified_whole()
    {
        await using var orders = await Orders.StartAsync();
        var set = await orders.TrainAsync();
        Assert.Equal(VerifiedExtent.Whole, (await orders.Catalog.TrainingSets.VerifyAsync(set)).Extent);

        var plan = await orders.Catalog.Erasures.PlanAsync(Orders.Seven);
        Assert.Contains(plan.Versions, v => v.Node == set && v.TrainingSet);
        var done = await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.");

        Assert.Empty(done.Certificate?.Remains.Failures ?? []);
        var made = Assert.Single(done.Certificate?.Versions ?? [], v => v.Node == set).Successor;
        Assert.NotNull(made);
        Assert.DoesNotContain(7, (await orders.RowsAsync(made.Value, "ordered")).Select(r => r.Customer));
        var before = await orders.Catalog.TrainingSets.VerifyAsync(set);
        Assert.Equal((false, VerifiedExtent.ExceptErased), (before.Verified, before.Extent));
        Assert.Contains(set, before.Erased);
        var after = await orders.Catalog.TrainingSets.VerifyAsync(made.Value);
        Assert.True(after.Verified, string.Join(' ', after.Findings.Select(f => f.Problem)));
    }

    [Fact]
    public async Task A_set_that_does_not_depend_on_what_was_erased_stays_and_says_what_is_missing()
    {
        await using var orders = await Orders.StartAsync();
        var set = await orders.TrainAsync();
        await orders.Catalog.Erasures.EraseAsync(new Dictionary<string, string> { ["number"] = "101" }, "Asked for.");

        var outcome = await orders.Catalog.TrainingSets.VerifyAsync(set);

        Assert.False(outcome.Verified);
        Assert.NotEqual(VerifiedExtent.Whole, outcome.Extent);
        Assert.NotEmpty(outcome.Erased);
    }

    [Fact]
    public async Task A_model_that_learnt_of_it_is_named()
    {
        await using var orders = await Orders.StartAsync();
        var decisions = await Decisions.OfModelAsync(orders.Catalog, trainedOn: orders.Name, ns: "shop");

        var done = await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.");

        Assert.Equal([decisions.Version], done.Certificate?.Remains.Models);
    }

    [Fact]
    public async Task What_is_held_stays_and_is_told()
    {
        await using var orders = await Orders.StartAsync();
        await orders.Catalog.Retention.HoldAsync(orders.Name, "case-4", "Asked for by the court.");

        var done = await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.");

        Assert.Empty(done.Certificate?.Versions ?? []);
        Assert.Equal([orders.Node], done.Certificate?.Remains.Held);
        Assert.Equal(200, (await orders.RowsAsync(2)).Count);
        await orders.Catalog.Retention.ReleaseAsync(orders.Name, "case-4", "Closed.");
        Assert.Equal(2, (await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.")).Certificate?.Versions.Count);
    }

    [Fact]
    public async Task Features_are_served_without_it_and_pushed_rows_are_gone()
    {
        await using var orders = await Orders.StartAsync();
        using var asked = Asked.At(orders.Server.Server, orders.Server.Api.Key ?? "");
        await orders.ApplyViewAsync();
        var before = Id(await asked.MaterializeAsync(new { node = orders.View.ToString() }));
        var now = TimeProvider.System.GetUtcNow();
        var row = new { keys = new { customer = 7 }, eventTime = now, features = new { amount = 12.5 } };
        await Eventually.True(
            async () => (await asked.PostAsync(Push, new { rows = new[] { row } })).Status == 200, "the view takes rows");
        await Eventually.True(async () => (await StatusesAsync(asked)).SequenceEqual(["PRESENT", "PRESENT"]), "the view serves all");

        var done = await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.");

        Assert.Empty(done.Certificate?.Remains.Failures ?? []);
        Assert.Equal(1, done.Certificate?.PushedRows);
        Assert.Equal([before], done.Certificate?.Generations.Select(g => g.Name));
        await Eventually.True(
            async () => (await StatusesAsync(asked)).SequenceEqual(["NOT_FOUND", "PRESENT"]), "the view serves what is left");

        // What is pushed next does not take the place of what was erased in the push log.
        Assert.Equal(200, (await asked.PostAsync(Push, new { rows = new[] { row } })).Status);
    }

    /// <summary>Rows that were pushed are sealed under the names of keys, which are not those of the source's columns.</summary>
    [Fact]
    public async Task Pushed_rows_that_were_sealed_are_gone_too()
    {
        await using var orders = await Orders.StartAsync();
        using var asked = Asked.At(orders.Server.Server, orders.Server.Api.Key ?? "");
        await orders.ApplyViewAsync();
        await asked.MaterializeAsync(new { node = orders.View.ToString() });
        var row = new { keys = new { customer = 7 }, eventTime = TimeProvider.System.GetUtcNow(), features = new { amount = 12.5 } };
        await Eventually.True(
            async () => (await asked.PostAsync(Push, new { rows = new[] { row } })).Status == 200, "the view takes rows");
        await asked.MaterializeAsync(new { node = orders.View.ToString() });

        var done = await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.");

        Assert.Empty(done.Certificate?.Remains.Failures ?? []);
        Assert.Contains(done.Certificate?.Versions ?? [], v => v.Node == NodeId.Dataset("shop", "spending.pushed", 1));
        await Eventually.True(
            async () => (await StatusesAsync(asked)).SequenceEqual(["NOT_FOUND", "PRESENT"]), "the view serves what is left");
        Assert.Empty((await orders.Catalog.Erasures.PlanAsync(Orders.Seven)).Versions);
    }

    /// <summary>What was made of a version whose time was over may hold the subject's values still.</summary>
    [Fact]
    public async Task A_generation_of_a_version_that_expired_is_dropped_too()
    {
        await using var orders = await Orders.StartAsync();
        using var asked = Asked.At(orders.Server.Server, orders.Server.Api.Key ?? "");
        await orders.ApplyViewAsync();
        var old = Id(await asked.MaterializeAsync(new { node = orders.View.ToString(), from = "1" }));
        await orders.Catalog.Retention.DeclareAsync(orders.Name, new RetentionPolicy(1));
        await Hosting.Sql.RunAsync(
            orders.Server.Database,
            "update catalog.mt_doc_page_version set data = jsonb_set(data, '{committedAt}', to_jsonb(now() - interval '3 days'))");
        Assert.Single((await orders.Catalog.Retention.ExpireAsync()).Versions);

        var done = await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.");

        Assert.Empty(done.Certificate?.Remains.Failures ?? []);
        Assert.Contains(old, done.Certificate?.Generations.Select(g => g.Name) ?? []);
        await Eventually.True(
            async () => (await StatusesAsync(asked)).SequenceEqual(["NOT_FOUND", "PRESENT"]), "the view serves what is left");
    }

    /// <summary>The copy of the newest version bears what that bears, and datasets have nothing to do with each other.</summary>
    [Fact]
    public async Task Tags_go_where_they_belong()
    {
        await using var orders = await Orders.StartAsync();
        await orders.Catalog.Datasets.RegisterAsync(new("shop", "raw"), new Registration("team-shop", Tags: ["pii"]));
        await orders.Catalog.Datasets.RegisterAsync(new("shop", "curated"), new Registration("team-shop"));
        await orders.CommitAsync(new("shop", "raw"), "raw.parquet", 4, CommitMode.Replace);
        await orders.CommitAsync(new("shop", "curated"), "curated.parquet", 0, CommitMode.Replace);
        await using (var run = await orders.Catalog.StartRunAsync(new QualifiedName("shop", "curate")))
        {
            await run.ReadAsync(new QualifiedName("shop", "raw"), VersionRef.Latest);
            await orders.CommitAsync(new("shop", "curated"), "curated.parquet", 8, CommitMode.Replace, run.Id);
            await run.CompleteAsync();
        }

        await orders.Catalog.Policies.ApplyAsync(
        [
            Statement.Of("nobody", Effect.Deny, "Tags are told that policies speak of.") with
            {
                Principals = ["nobody"], Actions = ["read"], Tags = "pii",
            },
        ]);
        var subject = new Dictionary<string, string> { ["number"] = "7", ["customer_id"] = "none" };
        var done = await orders.Catalog.Erasures.EraseAsync(subject, "Asked for.");

        Assert.Empty(done.Certificate?.Remains.Failures ?? []);
        var latest = (await orders.Catalog.Datasets.GetAsync(new("shop", "curated"))).Latest;
        Assert.Equal(4, latest);
        Assert.Contains("pii", await TagsAsync(orders, NodeId.Dataset("shop", "curated", latest)));
        Assert.DoesNotContain("pii", await TagsAsync(orders, orders.Node.WithVersion(3)));
    }

    /// <summary>Of a hundred files one has the rows: the others are shared, and nothing is told of them.</summary>
    [Fact]
    public async Task Files_without_the_rows_are_shared()
    {
        await using var orders = await Orders.StartAsync();

        var done = await orders.Catalog.Erasures.EraseAsync(new Dictionary<string, string> { ["number"] = "5" }, "Asked for.");

        Assert.Equal(1, done.Certificate?.Objects);
        Assert.Empty(done.Certificate?.Remains.Shared ?? ["none"]);
        var (before, after) = (await FilesAsync(orders, 3), await FilesAsync(orders, 4));
        Assert.Equal(before[0], after[0]);
        Assert.All(after, f => Assert.True(File.Exists(orders.PathOf(f))));
    }

    /// <summary>A dataset that cannot be finished is told, and is no reason to leave the others.</summary>
    [Fact]
    public async Task A_newest_version_that_was_only_observed_is_told_and_the_rest_is_erased()
    {
        using var folder = new Hosting.TemporaryFolder();
        var files = Directory.CreateDirectory(folder["files"]).FullName;
        await using var orders = await Orders.StartAsync(o => o with { Roots = [files] });
        var other = new QualifiedName("shop", "returns");
        await orders.Catalog.Datasets.RegisterAsync(other, new Registration("team-shop"));
        await orders.CommitAsync(other, "returns.parquet", 0, CommitMode.Replace);
        (await orders.Server.Api.PostAsync(
            "/v1/datasets/shop/returns/versions",
            new { observed = true, folders = new[] { new { uri = Catalog.Storage.Files.FileUri.FromPath(files) } } })).Expect(201);

        var done = await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.");

        Assert.Contains("only observed", Assert.Single(done.Certificate?.Remains.Failures ?? []), StringComparison.Ordinal);
        Assert.Equal(2, done.Certificate?.Versions.Count(v => v.Node.WithoutVersion() == orders.Node));
        Assert.Contains(NodeId.Dataset("shop", "returns"), done.Certificate?.Remains.Unsearched ?? []);
    }

    [Fact]
    public async Task Predictions_of_it_are_gone_whether_sealed_or_not()
    {
        await using var orders = await Orders.StartAsync();
        var decisions = await Decisions.OfModelAsync(orders.Catalog, ns: "shop");
        await orders.Catalog.Models.LogPredictionsAsync([decisions.Of("sealed-ord"), decisions.Of("sealed-jfk", "JFK")]);
        await orders.Catalog.Models.SealPredictionsAsync(decisions.Model);
        await orders.Catalog.Models.LogPredictionsAsync([decisions.Of("waiting-ord"), decisions.Of("waiting-jfk", "JFK")]);

        var done = await orders.Catalog.Erasures.EraseAsync(new Dictionary<string, string> { ["airport"] = "ORD" }, "Asked for.");

        Assert.Empty(done.Certificate?.Remains.Failures ?? []);
        await orders.Catalog.Models.SealPredictionsAsync(decisions.Model);
        Assert.Equal(["sealed-jfk", "waiting-jfk"], (await decisions.SealedAsync()).Order());
    }

    [Fact]
    public async Task An_erasure_that_was_stopped_is_gone_on_with()
    {
        await using var orders = await Orders.StartAsync();
        var begun = Guid.CreateVersion7();
        await using (var scope = orders.Server.Server.Services.CreateAsyncScope())
        {
            scope.ServiceProvider.GetRequiredService<Caller>().Become(Identity.Server);
            scope.ServiceProvider.GetRequiredService<Gate>().Ask(Act.Erase, resource: null);
            var key = await scope.ServiceProvider.GetRequiredService<MaskKey>().GetAsync(TestContext.Current.CancellationToken);
            var fact = new ErasureBegun(begun, new Subject(Orders.Seven).Hash(key), ["customer_id"], [], "Asked for.");
            await scope.ServiceProvider.GetRequiredService<WritePath>().DecideAsync<ErasureCase>(
                ErasureCase.StreamId(begun), state => ErasureCase.Begin(state, fact), TestContext.Current.CancellationToken);
        }

        Assert.Null((await orders.Catalog.Erasures.GetAsync(begun)).Certificate);
        var done = await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for again.");

        Assert.Equal((begun, 2), (done.Id, done.Certificate?.Versions.Count));
    }

    /// <summary>A writer adds to the dataset all the while: nothing it wrote is lost, and nothing of the subject is left.</summary>
    [Fact]
    public async Task Who_writes_meanwhile_loses_nothing()
    {
        await using var orders = await Orders.StartAsync();
        var writing = Task.Run(async () =>
        {
            for (var month = 2; month < 12; month++)
                await orders.CommitAsync(orders.Name, $"2027-{month + 1:D2}.parquet", month, CommitMode.Append);
        });

        await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for.");
        await writing;
        await orders.Catalog.Erasures.EraseAsync(Orders.Seven, "Asked for again.");

        var latest = (await orders.Catalog.Datasets.GetAsync(orders.Name)).Latest;
        Assert.Equal(Orders.Without(7, files: 12), await orders.RowsAsync(latest));
    }

    [Fact]
    public async Task Only_who_may_erase_may_and_what_is_wrong_is_named_without_the_value()
    {
        await using var orders = await Orders.StartAsync();
        var writer = (await orders.Server.Api.PostAsync("/v1/keys", new { name = "w", role = "writer" })).Expect(201)["key"].GetString();
        using var api = new Api(orders.Server.Server.Address, writer);

        (await api.PostAsync("/v1/erasures/plan", new { subject = Orders.Seven })).ExpectProblem(403, "access.denied");
        (await api.PostAsync("/v1/erasures", new { subject = Orders.Seven, reason = "r" })).ExpectProblem(403, "access.denied");
        (await api.GetAsync("/v1/erasures")).ExpectProblem(403, "access.denied");
        var admin = orders.Server.Api;
        var empty = (await admin.PostAsync("/v1/erasures/plan", new { subject = new { } })).ExpectProblem(400, "request.invalid");
        Assert.Contains("subject", empty.Text, StringComparison.Ordinal);
        var bad = (await orders.Server.Api.PostAsync("/v1/erasures", new { subject = new { email = "ada@example.org" }, reason = "" }))
            .ExpectProblem(400, "request.invalid");
        Assert.DoesNotContain("ada@example.org", bad.Text, StringComparison.Ordinal);
        (await orders.Server.Api.GetAsync($"/v1/erasures/{Guid.CreateVersion7()}")).ExpectProblem(404, "erasure.not_found");
    }

    private static async Task<IReadOnlyList<string>> FilesAsync(Orders orders, long version) =>
    [
        .. (await orders.Server.Api.GetAsync($"/v1/datasets/shop/orders/versions/{version}/files")).Expect(200).Items
            .Select(f => f.GetProperty("sha256").GetString() ?? ""),
    ];

    /// <summary>That a version bears, its own and inherited ones.</summary>
    private static async Task<IReadOnlyList<string>> TagsAsync(Orders orders, NodeId version) =>
        (await orders.Catalog.Access.ExplainAsync(Act.Read, version, new AccessQuestion())).Tags;

    private static string Id(System.Text.Json.JsonElement made) =>
        NodeId.Parse(made.GetProperty("generations")[0].GetProperty("generation").GetString() ?? "").Name;

    private static async Task<IReadOnlyList<string>> StatusesAsync(Asked asked)
    {
        var (status, body) = await asked.PostAsync(
            "get-online-features",
            new { features = new[] { "shop/spending:amount" }, entities = new Dictionary<string, long[]> { ["customer"] = [7, 8] } });
        Assert.True(status == 200, body.ToString());
        return [.. body.GetProperty("results")[1].GetProperty("statuses").EnumerateArray().Select(s => s.GetString() ?? "")];
    }
}
