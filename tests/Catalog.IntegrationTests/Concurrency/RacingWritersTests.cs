using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Concurrency;

/// <summary>Many writers at once: versions stay dense, each commit counts once, and nothing is lost.</summary>
public sealed class RacingWritersTests(ServerFixture server)
{
    private const int Writers = 16;

    [Fact]
    public async Task Sixteen_writers_at_once_make_dense_versions_each_exactly_once()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();

        var answers = await AtOnceAsync(i =>
            api.PostAsync(dataset.Versions, new { files = new[] { new { uri = New.File(folder, $"{i}.txt", $"content {i}") } } }));

        Assert.All(answers, a => a.Expect(201));
        Assert.Equal(Enumerable.Range(1, Writers).Select(n => (long)n), answers.Select(a => a.Version).Order());
        Assert.Equal(Writers, answers.Select(a => a["contentHash"].GetString()).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(Writers, (await api.AllAsync(dataset.Versions, 5)).Count);
    }

    [Fact]
    public async Task Of_writers_that_expect_the_same_parent_one_wins_and_the_others_are_told()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();

        var answers = await AtOnceAsync(i =>
            api.PostAsync(dataset.Versions, new
            {
                expectedParent = 0,
                files = new[] { new { uri = New.File(folder, $"{i}.txt", $"content {i}") } },
            }));

        Assert.Single(answers, a => a.Code == 201);
        Assert.All(answers.Where(a => a.Code != 201), a => a.ExpectProblem(409, "version.parent_conflict"));
    }

    [Fact]
    public async Task One_idempotency_key_makes_one_version_however_often_it_is_sent()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var uri = New.File(server.NewFolder(), "a.txt", "the same");
        var other = New.File(server.NewFolder(), "b.txt", "another");
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = other } } })).Expect(201);

        var answers =
            await AtOnceAsync(_ => api.PostAsync(dataset.Versions, new { idempotencyKey = "once", files = new[] { new { uri } } }));

        Assert.All(answers, a => Assert.Equal(2, a.Version));
        Assert.Single(answers, a => a["changed"].GetBoolean());
        Assert.Equal(2, (await api.AllAsync(dataset.Versions, 10)).Count);
    }

    [Fact]
    public async Task Files_added_at_once_are_all_there_in_the_end()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();

        var answers = await AtOnceAsync(i =>
            api.PostAsync(dataset.Versions, new
            {
                mode = "append",
                files = new[] { new { uri = New.File(folder, $"{i:00}.txt", $"content {i}") } },
            }));

        Assert.All(answers, a => a.Expect(201));
        var files = await api.AllAsync($"{dataset.Versions}/latest/files", 7);
        Assert.Equal(Enumerable.Range(0, Writers).Select(i => $"{i:00}.txt"), files.Select(f => f.GetProperty("path").GetString()));
    }

    [Fact]
    public async Task However_many_add_files_at_once_nobody_is_sent_away()
    {
        const int many = 48;
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();

        var answers = await Task.WhenAll(Enumerable.Range(0, many).Select(i => Task.Run(() => api.PostAsync(
            dataset.Versions, new { mode = "append", files = new[] { new { uri = New.File(folder, $"{i:00}.txt", $"content {i}") } } }))));

        Assert.All(answers, a => a.Expect(201));
        Assert.Equal(Enumerable.Range(1, many).Select(n => (long)n), answers.Select(a => a.Version).Order());
        Assert.Equal(many, (await api.GetAsync($"{dataset.Versions}/latest"))["files"].GetInt64());
    }

    [Fact]
    public async Task A_run_that_has_ended_makes_nothing_more_whoever_comes_first()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        var run = await New.RunAsync(api);

        var answers = await AtOnceAsync(i => i == Writers / 2
            ? api.PostAsync($"/v1/runs/{run}/complete")
            : api.PostAsync(dataset.Versions, new { run, files = new[] { new { uri = New.File(folder, $"{i}.txt", $"content {i}") } } }));

        var refused = answers.Where(a => a.Code == 409).ToList();
        Assert.All(refused, a => a.ExpectProblem(409, "run.ended"));
        var page = (await api.GetAsync($"/v1/runs/{run}")).Expect(200);
        var made = (await api.AllAsync(dataset.Versions, 100)).Count;
        Assert.Equal("completed", page["state"].GetString());
        Assert.Equal(Writers - 1 - refused.Count, made);
        Assert.Equal(made, page["outputs"].GetArrayLength());
        var last = await Hosting.Sql.ReadAsync<string>(
            server.Database, $"SELECT type FROM catalog.mt_events WHERE stream_id = 'run:{run}' ORDER BY version DESC LIMIT 1");
        Assert.Equal("run_completed", last);
    }

    private static Task<Answer[]> AtOnceAsync(Func<int, Task<Answer>> send) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(i => Task.Run(() => send(i))));
}
