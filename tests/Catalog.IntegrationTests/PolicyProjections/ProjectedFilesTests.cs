using Catalog.Cli;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Lineage;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.PolicyProjections;

/// <summary>Whole files for somebody whom policies show less.</summary>
public sealed class ProjectedFilesTests(ServerFixture server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Signed_files_hold_what_columns_show_and_say_so()
    {
        var shown = await Shown.StartAsync(server);
        await shown.MaskAsync("origin", "redact");
        await shown.MaskAsync("flight", "hash");
        await shown.FilterAsync("delay >= 100");
        using var catalog = await ClientOf.AdminAsync(server);
        var sources = await (await catalog.Datasets.ReadAsync(shown.Version)).Files().ToListAsync();

        var answer = (await shown.Api.GetAsync($"{shown.Url}/files/signed")).Expect(200);
        var signed = await shown.SignedAsync();
        var files = await Shown.FetchAsync(signed.Select(f => f.Url));
        var columns = await shown.ColumnsAsync();

        Assert.NotEmpty(columns);
        Assert.True(columns.Count < Shown.Rows, "no row was left out");
        Assert.Equal(columns, await Shown.RowsAsync(files));
        Assert.Equal(signed.Select(f => (f.Bytes, f.Sha256)), files.Select(f => ((long)f.Length, New.Sha256(f))));
        Assert.Equal(
            """[{"column":"flight","mask":"hash"},{"column":"origin","mask":"redact"}]""",
            answer["projection"].GetProperty("masked").GetRawText());
        Assert.True(answer["projection"].GetProperty("filtered").GetBoolean());
        Assert.DoesNotContain("source-", answer.Text, StringComparison.Ordinal);
        Assert.All(sources, s => Assert.DoesNotContain(s.Sha256 ?? "", answer.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_are_listed_read_and_downloaded_as_they_are_signed()
    {
        var shown = await Shown.StartAsync(server);
        await shown.MaskAsync("origin", "null");
        var reader = await shown.Reader.Datasets.ReadAsync(shown.Version);
        var signed = await shown.SignedAsync();

        var listed = await reader.Files().ToListAsync();
        var content = (await shown.Api.GetAsync($"{shown.Url}/content?path={signed[0].Path}")).Expect(200).Bytes;
        var paths = await reader.DownloadAsync(_folder["files"]);
        var projection = (await reader.SignAsync(signed[0].Path)).Projection;

        Assert.Equal(signed.Select(f => (f.Path, f.Sha256)), listed.Select(f => (f.Path, f.Sha256 ?? "")));
        Assert.Equal(Shown.Rows, listed.Sum(f => f.Rows));
        Assert.Equal(signed[0].Sha256, New.Sha256(content));
        Assert.Equal(signed[0].Sha256, New.Sha256(await File.ReadAllBytesAsync(paths[0])));
        Assert.Equal(signed[0].Sha256, (await reader.SignAsync(signed[0].Path)).Sha256);
        Assert.Equal([new ProjectedMask("origin", "null")], projection?.Masked);
        Assert.False(projection?.Filtered);
        (await shown.Api.GetAsync($"{shown.Url}/content?path=source-0.parquet")).ExpectProblem(404, "file.not_in_version");
        (await shown.Api.GetAsync($"{shown.Url}/files/signed?path=source-0.parquet")).ExpectProblem(404, "file.not_in_version");
    }

    [Fact]
    public async Task Who_is_bound_to_nothing_gets_the_files_themselves()
    {
        var shown = await Shown.StartAsync(server);
        await shown.MaskAsync("origin", "hash");
        await shown.SignedAsync();

        var listed = (await shown.Admin.GetAsync($"{shown.Url}/files")).Expect(200);
        var signed = (await shown.Admin.GetAsync($"{shown.Url}/files/signed")).Expect(200);

        string?[] paths = ["source-0.parquet", "source-1.parquet"];
        Assert.Equal(paths, listed.Items.Select(f => f.GetProperty("path").GetString()));
        Assert.Equal(paths, signed.Items.Select(f => f.GetProperty("path").GetString()));
        Assert.Equal("null null", $"{listed["projection"].GetRawText()} {signed["projection"].GetRawText()}");
    }

    [Fact]
    public async Task All_who_are_shown_the_same_share_one_projection_that_is_made_once()
    {
        var ada = await Shown.StartAsync(server);
        var ben = await Shown.OfAsync(server, ada.Admin, ada.Version);
        foreach (var one in (Shown[])[ada, ben])
        {
            await one.MaskAsync("origin", "hash");
            await one.FilterAsync(one == ada ? "delay >= 100 and distance < 900" : "distance<900 AND delay >= 100");
        }

        var signed = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => (i % 2 == 0 ? ada : ben).SignedAsync())));

        Assert.Single(signed.Select(files => string.Join(' ', files.Select(f => f.Sha256))).Distinct());
        Assert.Equal((await ada.ProjectionAsync())?.Hash, (await ben.ProjectionAsync())?.Hash);
        Assert.Equal((1, "system"), await ada.RecordedAsync(server.Database));
    }

    [Fact]
    public async Task The_same_rows_make_the_same_bytes_and_the_same_content_is_not_made_again()
    {
        var first = await Shown.StartAsync(server);
        var alike = await Shown.StartAsync(server);
        var moved = await Shown.StartAsync(server, "elsewhere/");
        foreach (var one in (Shown[])[first, alike, moved])
            await one.MaskAsync("origin", "hash");

        var (a, b, c) = (await first.SignedAsync(), await alike.SignedAsync(), await moved.SignedAsync());

        Assert.Equal(a.Select(f => f.Sha256), b.Select(f => f.Sha256));
        Assert.Equal(a.Select(f => f.Sha256), c.Select(f => f.Sha256));
        Assert.Equal((await first.ProjectionAsync())?.Hash, (await alike.ProjectionAsync())?.Hash);
        Assert.NotEqual((await first.ProjectionAsync())?.Hash, (await moved.ProjectionAsync())?.Hash);
        Assert.Equal((1, "system"), await alike.RecordedAsync(server.Database));
        var leaked = (await TraceAsync(first)).Nodes.Select(n => n.Id).ToList();
        Assert.Contains(alike.Version, leaked);
        Assert.Contains(moved.Version, leaked);

        async Task<LineageTrace> TraceAsync(Shown of)
        {
            using var catalog = await ClientOf.AdminAsync(server);
            return await catalog.Lineage.TraceAsync(NodeId.File((await of.SignedAsync())[0].Sha256), LineageDirection.Up);
        }
    }

    [Fact]
    public async Task A_policy_that_changed_shows_other_files_from_the_next_request_on()
    {
        var shown = await Shown.StartAsync(server);
        var whole = await shown.SignedAsync();
        await shown.MaskAsync("origin", "hash");
        var masked = await shown.SignedAsync();
        await shown.FilterAsync("delay >= 100");
        var filtered = await shown.SignedAsync();
        await Policies.DenyAsync(shown.Admin, shown.Principal, shown.Version);

        var denied = await shown.Api.GetAsync($"{shown.Url}/files/signed");
        var columns = await Shown.FetchAsync(filtered.Select(f => f.Url));

        denied.ExpectProblem(403, "access.denied");
        Assert.Equal(3, ((List<SignedFile>[])[whole, masked, filtered]).Select(f => f[0].Sha256).Distinct().Count());
        Assert.Equal((2, "system"), await shown.RecordedAsync(server.Database));

        // An address lasts as long as it says, whatever changed since.
        Assert.Equal(filtered[0].Sha256, New.Sha256(columns[0]));
    }

    [Fact]
    public async Task Where_no_row_may_be_seen_there_is_one_file_with_columns_and_no_rows()
    {
        var shown = await Shown.StartAsync(server);
        await shown.FilterAsync("delay > 100000");

        var signed = await shown.SignedAsync();
        var files = await Shown.FetchAsync(signed.Select(f => f.Url));

        Assert.Equal(["part-00000.parquet"], signed.Select(f => f.Path));
        Assert.Empty(await Shown.RowsAsync(files));
    }

    [Fact]
    public async Task What_is_no_table_or_fits_no_filter_does_not_leave()
    {
        var shown = await Shown.StartAsync(server);
        var dataset = await New.DatasetAsync(shown.Admin);
        var stored = (await shown.Admin.UploadAsync("x"u8.ToArray())).Expect(201)["sha256"].GetString();
        (await shown.Admin.PostAsync(dataset.Versions, new { files = new[] { new { path = "x.txt", sha256 = stored } } })).Expect(201);
        await Policies.MaskAsync(shown.Admin, shown.Principal, NodeId.Dataset(dataset.Namespace, dataset.Name, "1"), "a", "null");
        await shown.FilterAsync("region = 'secret'");

        (await shown.Api.GetAsync($"{dataset.Versions}/1/files/signed")).ExpectProblem(403, "access.obliged");
        (await shown.Api.GetAsync($"{dataset.Versions}/1/content?path=x.txt")).ExpectProblem(403, "access.obliged");
        var unfit = (await shown.Api.GetAsync($"{shown.Url}/files/signed")).ExpectProblem(403, "access.denied");

        Assert.DoesNotContain("secret", unfit.Text, StringComparison.Ordinal);
        Assert.Equal((0, ""), await shown.RecordedAsync(server.Database));
    }

    [Fact]
    public async Task A_file_that_leaked_leads_to_the_version_and_to_what_was_shown()
    {
        var shown = await Shown.StartAsync(server);
        await shown.MaskAsync("origin", "hash");
        await shown.FilterAsync("delay >= 100");
        var leaked = NodeId.File((await shown.SignedAsync())[0].Sha256);
        using var catalog = await ClientOf.AdminAsync(server);

        var trace = await catalog.Lineage.TraceAsync(leaked, LineageDirection.Up);
        var why = (await shown.Admin.GetAsync(
            $"/v1/lineage/edge?from={shown.Version.ToString().Escaped()}&to={leaked.ToString().Escaped()}")).Expect(200);
        var path = await catalog.Lineage.FindPathAsync(shown.Version, leaked);

        Assert.Contains(trace.Edges, e => e == new LineageEdge(shown.Version, leaked, LineageRelation.Projected));
        Assert.Equal([new LineageEdge(shown.Version, leaked, LineageRelation.Projected)], path.Edges);
        var fact = Assert.Single(why["assertions"].EnumerateArray()).GetProperty("fact");
        Assert.Equal("dataset_version_projected", fact.GetProperty("type").GetString());
        Assert.Equal((await shown.ProjectionAsync())?.Hash, fact.GetProperty("fact").GetProperty("projection").GetString());
        Assert.DoesNotContain("100", fact.GetProperty("fact").GetProperty("masked").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_made_is_no_garbage_counts_with_its_dataset_and_stays_when_that_is_retired()
    {
        var shown = await Shown.StartAsync(server);
        using var catalog = await ClientOf.AdminAsync(server);
        var before = await StoredAsync();
        await shown.MaskAsync("origin", "hash");
        var signed = await shown.SignedAsync();

        var after = await StoredAsync();
        var unused = await catalog.Objects.CollectGarbageAsync(dryRun: true);
        await catalog.Datasets.RetireAsync(QualifiedName.Of(shown.Version), "old");

        Assert.Equal(before + signed.Sum(f => f.Bytes), after);
        Assert.DoesNotContain(unused.Objects, o => signed.Any(f => f.Sha256 == o.Sha256));
        Assert.Equal(signed.Select(f => f.Sha256), (await shown.SignedAsync()).Select(f => f.Sha256));
        await shown.MaskAsync("delay", "null");
        Assert.NotEmpty(await shown.SignedAsync());

        async Task<long> StoredAsync()
        {
            var node = NodeId.Dataset(shown.Version.Namespace, shown.Version.Name).ToString().Escaped();
            var usage = (await shown.Admin.GetAsync($"/v1/usage?node={node}&by=dataset")).Expect(200);
            return Assert.Single(usage["rows"].EnumerateArray()).GetProperty("storedBytes").GetInt64();
        }
    }

    [Fact]
    public async Task The_commands_say_beside_the_files_what_they_do_not_show()
    {
        var shown = await Shown.StartAsync(server);
        await shown.MaskAsync("origin", "null");
        await shown.FilterAsync("delay >= 100");
        var hash = (await shown.ProjectionAsync())?.Hash;
        await using var output = new StringWriter();
        await using var errors = new StringWriter();

        foreach (var verb in (string[])["files", "urls"])
        {
            using var catalog = new CatalogClient(server.Server.Address, shown.Api.Key ?? "");
            var code = await CatalogCommand.RunAsync(
                ["dataset", verb, $"{shown.Version.Namespace}/{shown.Version.Name}@1"],
                Terminal.System with { Out = output, Error = errors, Connect = (_, _, _) => catalog, OutIsTerminal = false },
                TestContext.Current.CancellationToken);
            Assert.Equal(ExitCodes.Done, code);
        }

        string[] told =
        [
            $"These are the files of the projection {hash}.", "Masked for you: origin (null).", "Rows that you may not see are left out.",
        ];
        Assert.Equal([.. told, .. told], errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        var lines = output.ToString().Split(Environment.NewLine);
        Assert.Equal(2, lines.Count(l => l.StartsWith("part-00000.parquet", StringComparison.Ordinal)));
    }
}
