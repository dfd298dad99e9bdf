using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Training;

namespace Catalog.IntegrationTests.Columns;

/// <summary>Epochs of a version over HTTP, as the SDK and as any reader of Arrow reads them.</summary>
public sealed class TrainingReadTests(ServerFixture server)
{
    private const int Rows = 60_000;

    [Fact]
    public async Task The_same_seed_gives_the_same_order_on_one_two_three_and_seven_workers()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog);
        var alone = await FlightsAsync(version, new TrainingQuery { Seed = 5 });

        foreach (var shards in (int[])[2, 3, 7])
        {
            var dealt = new long[Rows];
            for (var shard = 0; shard < shards; shard++)
            {
                var rows = await FlightsAsync(version, new TrainingQuery { Seed = 5, Shard = shard, Shards = shards });
                for (var i = 0; i < rows.Count; i++)
                    dealt[shard + (i * shards)] = rows[i];
            }

            Assert.Equal(alone, dealt);
        }

        Assert.Equal(Enumerable.Range(0, Rows).Select(i => (long)i), alone.Order());
        Assert.NotEqual(alone, await FlightsAsync(version, new TrainingQuery { Seed = 5, Epoch = 1 }));
        Assert.NotEqual(alone, await FlightsAsync(version, new TrainingQuery { Seed = 6 }));
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => (long)i), await FlightsAsync(version, new TrainingQuery()));
    }

    [Fact]
    public async Task Two_workers_are_killed_in_mid_epoch_and_four_go_on_with_every_row_once()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog);
        var key = (await server.ApiAsync()).Key ?? "";
        var trained = new List<long>();
        ReadToken? token = null;
        using (var first = TrainingWorker.Start(server.Server.Address, key, version.Node, 0, 2))
        using (var second = TrainingWorker.Start(server.Server.Address, key, version.Node, 1, 2))
        {
            for (var round = 0; round < 13; round++)
            {
                var (mine, others) = (await first.BatchAsync(), await second.BatchAsync());
                Assert.Equal(mine.Token, others.Token);
                token = mine.Token;
                trained.AddRange([.. mine.Rows, .. others.Rows]);
            }

            await Task.WhenAll(first.KillAsync(), second.KillAsync());
        }

        Assert.Equal(13 * 2 * 500, token?.Position);
        for (var shard = 0; shard < 4; shard++)
            trained.AddRange(await FlightsAsync(version, TrainingWorker.Query(shard, 4) with { Epoch = null, Token = token }));

        Assert.Equal(Enumerable.Range(0, Rows).Select(i => (long)i), trained.Order());
    }

    [Fact]
    public async Task A_filter_counts_first_and_shards_are_dealt_what_is_left()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog);
        var query = new TrainingQuery { Seed = 1, Filter = "delay >= 100 and origin is not null", Shards = 4 };

        var shards = new List<(TrainingRead Read, List<long> Rows)>();
        foreach (var uneven in (Uneven[])[Uneven.Keep, Uneven.Pad, Uneven.Drop])
        {
            shards.Clear();
            for (var shard = 0; shard < 4; shard++)
            {
                await using var read = await version.OpenTrainingReadAsync(query with { Shard = shard, Uneven = uneven });
                shards.Add((read, await FlightsAsync(read)));
            }

            var counts = shards.ConvertAll(s => (long)s.Rows.Count);
            Assert.Equal(shards.ConvertAll(s => s.Read.ShardRows), counts);
            Assert.InRange(counts.Max() - counts.Min(), 0, uneven is Uneven.Keep ? 1 : 0);
            var distinct = shards.SelectMany(s => s.Rows).Distinct().Count();
            Assert.Equal(uneven is Uneven.Drop ? counts.Sum() : shards[0].Read.EpochRows, distinct);
        }

        await using var plain = await version.OpenColumnsAsync(new ColumnQuery { Columns = ["flight"], Filter = query.Filter });
        Assert.Equal(await plain.BatchesAsync().Select(b => (long)b.Length).SumAsync(), shards[0].Read.EpochRows);
    }

    [Fact]
    public async Task Any_reader_of_arrow_finds_the_token_and_adds_to_it_by_itself()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog);
        var all = await FlightsAsync(version, new TrainingQuery { Seed = 3 });

        var (metadata, rows) = await GetAsync(version, "column=flight&seed=3&shards=2&shard=1&batchRows=1000", batches: 5);
        var token = metadata["catalog.token"].Split('.');
        var position = int.Parse(token[2], CultureInfo.InvariantCulture) + (2 * 5 * 1_000);
        var (_, rest) = await GetAsync(version, $"column=flight&seed=3&token={token[0]}.{token[1]}.{position}", batches: int.MaxValue);

        Assert.Equal((Rows, Rows / 2), (Number("catalog.epoch_rows"), Number("catalog.shard_rows")));
        Assert.Equal(all.Take(position).Where((_, i) => i % 2 == 1), rows);
        Assert.Equal(all.Skip(position), rest);

        int Number(string key) => int.Parse(metadata[key], CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("seed=x", 400, "request.invalid", "seed")]
    [InlineData("epoch=-1", 400, "request.invalid", "epoch")]
    [InlineData("seed=1&uneven=some", 400, "request.invalid", "keep, pad, drop")]
    [InlineData("lanes=4", 400, "request.invalid", "seed")]
    [InlineData("seed=1&lanes=0", 400, "request.invalid", "lanes")]
    [InlineData("seed=1&windowRows=0", 400, "request.invalid", "windowRows")]
    [InlineData("seed=1&token=x", 400, "request.invalid", "token")]
    [InlineData("seed=1&epoch=2&token=00000000000000000000000000000000.1.0", 400, "request.invalid", "epoch")]
    [InlineData("seed=1&token=00000000000000000000000000000000.1.0", 409, "columns.token_mismatch", "another order")]
    public async Task A_question_that_cannot_be_met_is_refused_with_what_is_wrong(string query, int status, string code, string says)
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog);
        var api = await server.ApiAsync();

        var refused = await api.GetAsync($"/v1/datasets/{version.Name.Namespace}/{version.Name.Name}/versions/1/columns?{query}");

        refused.Expect(status);
        Assert.Equal(code, refused["code"].GetString());
        Assert.Contains(says, refused["detail"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_another_seed_filter_or_version_is_refused()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var (version, other) = (await CommitAsync(catalog), await CommitAsync(catalog, rows: 100));
        await using var read = await version.OpenTrainingReadAsync(new TrainingQuery { Seed = 3 });

        await RefusedAsync(version, new TrainingQuery { Seed = 4, Token = read.Token });
        await RefusedAsync(version, new TrainingQuery { Seed = 3, Filter = "delay > 1", Token = read.Token });
        await RefusedAsync(version, new TrainingQuery { Seed = 3, WindowRows = 77, Token = read.Token });
        await RefusedAsync(other, new TrainingQuery { Seed = 3, Token = read.Token });
        Assert.Equal(Rows, (await FlightsAsync(version, new TrainingQuery { Seed = 3, Shards = 1, Token = read.Token })).Count);
    }

    [Fact]
    public async Task What_was_read_is_on_the_run_and_the_version_is_its_input()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog);
        await using var run = await catalog.StartRunAsync(new QualifiedName(New.Name("ns"), "train"));
        var pinned = await run.ReadAsync(version.Node, "train");
        for (var epoch = 0; epoch < 3; epoch++)
        {
            for (var shard = 0; shard < 2; shard++)
            {
                await using var read = await pinned.OpenTrainingReadAsync(new TrainingQuery
                {
                    Columns = ["delay"],
                    Filter = "delay > 300",
                    Seed = 9,
                    Epoch = epoch,
                    Shard = shard,
                    Shards = 2,
                    Uneven = Uneven.Pad,
                });
                Assert.Equal(run.Node.ToString(), read.Recorded);
            }
        }

        var shown = await catalog.Runs.GetAsync(run.Id);
        await run.CompleteAsync();
        await using var late = await pinned.OpenTrainingReadAsync(new TrainingQuery { Seed = 9, Epoch = 7, Filter = "delay > 300" });

        var epochs = Assert.Single(shown.Epochs);
        Assert.Equal(
            (version.Node, "delay > 300", 9L, "pad", 2), (epochs.Dataset, epochs.Filter, epochs.Seed, epochs.Uneven, epochs.Shards));
        Assert.Equal(["delay"], epochs.Columns);
        var same = Assert.Single(epochs.Read);
        Assert.Equal(new NumberRange(0, 1), same.Shards);
        Assert.Equal(new NumberRange(0, 2), Assert.Single(same.Epochs));
        Assert.Equal("train", Assert.Single(shown.Inputs ?? []).Role);
        Assert.Equal("run.ended", late.Recorded);
        Assert.True(late.EpochRows > 0);
        Assert.Single((await catalog.Runs.GetAsync(run.Id)).Epochs);
    }

    [Fact]
    public async Task A_version_that_was_not_pinned_becomes_an_input_when_it_is_read()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog, rows: 500);
        await using var run = await catalog.StartRunAsync(new QualifiedName(New.Name("ns"), "train"));
        var api = await server.ApiAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(version, "seed=1"));
        request.Headers.Add("Authorization", $"Bearer {api.Key}");
        request.Headers.Add("Catalog-Run", run.Id.ToString());
        using var http = new HttpClient();
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();

        var shown = await catalog.Runs.GetAsync(run.Id);

        Assert.Equal(version.Node, Assert.Single(shown.Inputs ?? []).Node);
        Assert.Equal(new NumberRange(0, 0), Assert.Single(Assert.Single(Assert.Single(shown.Epochs).Read).Epochs));
    }

    private static async Task RefusedAsync(VersionReader version, TrainingQuery query)
    {
        var refused = await Assert.ThrowsAsync<CatalogException>(() => version.OpenTrainingReadAsync(query));
        Assert.Equal((409, "columns.token_mismatch"), (refused.Status, refused.Code));
    }

    private static async Task<List<long>> FlightsAsync(VersionReader version, TrainingQuery query)
    {
        await using var read = await version.OpenTrainingReadAsync(query with { Columns = ["flight"] });
        return await FlightsAsync(read);
    }

    private static async Task<List<long>> FlightsAsync(TrainingRead read)
    {
        var rows = new List<long>();
        await foreach (var batch in read.BatchesAsync())
        {
            using (batch)
                rows.AddRange(((Int64Array)batch.Column("flight")).Values);
        }

        return rows;
    }

    private Uri Address(VersionReader version, string query) =>
        new(server.Server.Address, $"/v1/datasets/{version.Name.Namespace}/{version.Name.Name}/versions/1/columns?{query}");

    /// <summary>With nothing of ours: HTTP, and a reader of Arrow.</summary>
    private async Task<(IReadOnlyDictionary<string, string> Metadata, List<long> Rows)> GetAsync(
        VersionReader version, string query, int batches)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {(await server.ApiAsync()).Key}");
        await using var body = await http.GetStreamAsync(Address(version, query));
        using var reader = new ArrowStreamReader(body);
        var rows = new List<long>();
        for (var batch = 0; batch < batches && await reader.ReadNextRecordBatchAsync() is { } next; batch++)
            rows.AddRange(((Int64Array)next.Column("flight")).Values);
        return (reader.Schema.Metadata, rows);
    }

    private async Task<VersionReader> CommitAsync(CatalogClient catalog, int rows = Rows)
    {
        var name = new QualifiedName(New.Name("ns"), "flights");
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        var files = await MadeTable.WriteAsync(server.NewFolder(), files: 1, rows);
        return await catalog.Datasets.ReadAsync((await catalog.Datasets.CommitAsync(name, NewVersion.Of(files))).Node);
    }
}
