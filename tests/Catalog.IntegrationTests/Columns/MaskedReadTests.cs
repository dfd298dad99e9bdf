using Apache.Arrow;
using Catalog.Cli;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Training;

namespace Catalog.IntegrationTests.Columns;

/// <summary>Columns of versions as they are read by somebody whom a policy shows less.</summary>
public sealed class MaskedReadTests(ServerFixture server)
{
    private const int Rows = 20_000;

    [Fact]
    public async Task Masked_columns_show_what_the_policy_says_and_rows_are_left_out()
    {
        var (admin, reader, dataset, principal) = await StartAsync();
        await Policies.MaskAsync(admin, principal, dataset, "origin", "redact");
        await Policies.MaskAsync(admin, principal, dataset, "flight", "hash");
        await Policies.FilterAsync(admin, principal, dataset, "delay >= 100");
        using var catalog = await ClientOf.AdminAsync(server);
        var all = await ReadAsync(await catalog.Datasets.ReadAsync(dataset));

        var masked = await ReadAsync(await reader.Datasets.ReadAsync(dataset));

        Assert.Equal(("redact", "hash", 2), (masked.Masked["origin"], masked.Masked["flight"], masked.Masked.Count));
        Assert.True(masked.IsFiltered);
        Assert.Equal((0, false), (all.Masked.Count, all.IsFiltered));
        var late = all.Rows.Where(r => int.TryParse(r[1], out var delay) && delay >= 100).ToList();
        Assert.Equal(late.Select(r => (r[1], r[2])), masked.Rows.Select(r => (r[1], r[2])));
        Assert.Equal(late.Select(r => r[3] is null ? null : "REDACTED"), masked.Rows.Select(r => r[3]));
        Assert.Equal(late.Select(r => r[0]).Distinct().Count(), masked.Rows.Select(r => r[0]).Distinct().Count());
        Assert.Empty(late.Select(r => r[0]).Intersect(masked.Rows.Select(r => r[0])));
    }

    [Fact]
    public async Task A_masked_column_is_not_asked_about()
    {
        var (admin, reader, dataset, principal) = await StartAsync();
        await Policies.MaskAsync(admin, principal, dataset, "origin", "null");
        var version = await reader.Datasets.ReadAsync(dataset);

        var compared = await Assert.ThrowsAsync<CatalogException>(
            () => version.OpenColumnsAsync(new ColumnQuery { Columns = ["delay"], Filter = "origin = 'airport 1'" }));

        Assert.Equal((403, "access.masked_column"), (compared.Status, compared.Code));
        Assert.NotEmpty((await ReadAsync(version, new ColumnQuery { Columns = ["delay"], Filter = "delay > 100" })).Rows);
    }

    [Theory]
    [InlineData("\"origin\" = 'airport 1'")]
    [InlineData("origin in ('airport 1', 'airport 2')")]
    [InlineData("origin != 'airport 1'")]
    [InlineData("origin is null")]
    [InlineData("origin is not null")]
    [InlineData("delay > 100 and origin >= 'airport 1'")]
    public async Task A_masked_column_is_compared_with_nothing_however_it_is_written(string filter)
    {
        var (admin, reader, dataset, principal) = await StartAsync();
        await Policies.MaskAsync(admin, principal, dataset, "origin", "hash");
        var version = await reader.Datasets.ReadAsync(dataset);

        foreach (var columns in (string[][])[["delay"], ["origin"]])
        {
            var read = await Assert.ThrowsAsync<CatalogException>(
                () => version.OpenColumnsAsync(new ColumnQuery { Columns = columns, Filter = filter }));
            var trained = await Assert.ThrowsAsync<CatalogException>(
                () => version.OpenTrainingReadAsync(new TrainingQuery { Columns = columns, Filter = filter, Seed = 1 }));
            Assert.Equal(("access.masked_column", "access.masked_column"), (read.Code, trained.Code));
        }
    }

    [Fact]
    public async Task A_masked_column_has_no_other_name_that_shows_it()
    {
        var (admin, reader, dataset, principal) = await StartAsync();
        await Policies.MaskAsync(admin, principal, dataset, "origin", "null");
        var version = await reader.Datasets.ReadAsync(dataset);

        foreach (var columns in (string[][])
        [
            ["origin"], ["delay", "origin"], ["ORIGIN"], ["Origin"], ["\"origin\""], [" origin"], ["origin.x"], ["origin", "origin"], ["*"],
        ])
        {
            try
            {
                var (_, _, rows) = await ReadAsync(version, new ColumnQuery { Columns = columns });
                Assert.All(rows, r => Assert.Null(r[^1]));
            }
            catch (CatalogException e)
            {
                Assert.Equal((400, "scan.bad_columns"), (e.Status, e.Code));
            }
        }
    }

    [Fact]
    public async Task Statistics_tell_nothing_of_what_is_not_shown()
    {
        var (admin, reader, dataset, principal) = await StartAsync();
        await Policies.MaskAsync(admin, principal, dataset, "origin", "hash");
        using var catalog = await ClientOf.AdminAsync(server);

        var masked = await reader.Datasets.GetVersionAsync(dataset);
        await Policies.FilterAsync(admin, principal, dataset, "delay >= 100");
        var filtered = await reader.Datasets.GetVersionAsync(dataset);
        var all = await catalog.Datasets.GetVersionAsync(dataset);

        Assert.Equal(["delay", "distance", "flight", "origin"], all.Statistics?.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["delay", "distance", "flight"], masked.Statistics?.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(filtered.Statistics ?? new Dictionary<string, Integrity.ColumnStatistics>());
        Assert.Equal((Rows, Rows), (masked.Rows, filtered.Rows));
    }

    [Fact]
    public async Task Epochs_have_the_order_they_always_have_and_their_tokens_are_for_what_was_shown()
    {
        var (admin, reader, dataset, principal) = await StartAsync();
        using var catalog = await ClientOf.AdminAsync(server);
        var query = new TrainingQuery { Columns = ["flight", "origin"], Seed = 5, BatchRows = 512 };
        var plain = await EpochAsync(await catalog.Datasets.ReadAsync(dataset), query);
        var before = await EpochAsync(await reader.Datasets.ReadAsync(dataset), query, batches: 3);
        await Policies.MaskAsync(admin, principal, dataset, "origin", "null");
        var version = await reader.Datasets.ReadAsync(dataset);

        var begun = await EpochAsync(version, query, batches: 3);
        var rest = await EpochAsync(version, query with { Token = begun.Token });
        var refused = await Assert.ThrowsAsync<CatalogException>(() => EpochAsync(version, query with { Token = before.Token }));

        Assert.Equal((409, "columns.token_mismatch"), (refused.Status, refused.Code));
        Assert.Equal(plain.Rows.Select(r => r[0]), begun.Rows.Concat(rest.Rows).Select(r => r[0]));
        Assert.All(begun.Rows.Concat(rest.Rows), r => Assert.Null(r[1]));
    }

    [Fact]
    public async Task Epochs_are_of_the_rows_that_may_be_seen()
    {
        var (admin, reader, dataset, principal) = await StartAsync();
        await Policies.FilterAsync(admin, principal, dataset, "delay >= 100");
        using var catalog = await ClientOf.AdminAsync(server);
        var seen = await ReadAsync(
            await catalog.Datasets.ReadAsync(dataset),
            new ColumnQuery { Columns = ["flight"], Filter = "delay >= 100 and distance < 900" });

        var epoch = await EpochAsync(
            await reader.Datasets.ReadAsync(dataset), new TrainingQuery { Columns = ["flight"], Filter = "distance < 900", Seed = 3 });

        Assert.Equal(seen.Rows.Select(r => r[0]).Order(StringComparer.Ordinal), epoch.Rows.Select(r => r[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Where_what_rows_have_to_meet_does_not_fit_no_row_is_shown()
    {
        var (admin, reader, dataset, principal) = await StartAsync();
        await Policies.FilterAsync(admin, principal, dataset, "region = 'secret'");
        var version = await reader.Datasets.ReadAsync(dataset);

        var refused = await Assert.ThrowsAsync<CatalogException>(() => version.OpenColumnsAsync());

        Assert.Equal((403, "access.denied"), (refused.Status, refused.Code));
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_says_beside_the_rows_what_is_not_shown()
    {
        var (admin, reader, dataset, principal) = await StartAsync();
        await Policies.MaskAsync(admin, principal, dataset, "origin", "null");
        await Policies.FilterAsync(admin, principal, dataset, "delay >= 100");
        await using var output = new StringWriter();
        await using var errors = new StringWriter();

        var code = await CatalogCommand.RunAsync(
            ["dataset", "read", $"{dataset.Namespace}/{dataset.Name}@1", "--limit", "1", "--json"],
            Terminal.System with { Out = output, Error = errors, Connect = (_, _, _) => reader, OutIsTerminal = false },
            TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.Done, code);
        Assert.Equal(
            ["Masked for you: origin (null).", "Rows that you may not see are left out."],
            errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("[", output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A reader of its own, and a version of a dataset of its own.</summary>
    private async Task<(Api Admin, CatalogClient Reader, NodeId Dataset, string Principal)> StartAsync()
    {
        var (api, principal) = await server.ApiAsync("reader");
        var admin = await server.ApiAsync();
        var name = new QualifiedName(New.Name("ns"), "flights");
        using var catalog = await ClientOf.AdminAsync(server);
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        var files = await MadeTable.WriteAsync(server.NewFolder(), files: 2, Rows / 2);
        var version = (await catalog.Datasets.CommitAsync(name, NewVersion.Of(files))).Node;
        return (admin, new CatalogClient(server.Server.Address, api.Key ?? ""), version, principal);
    }

    private static async Task<(IReadOnlyDictionary<string, string> Masked, bool IsFiltered, List<string?[]> Rows)> ReadAsync(
        VersionReader version, ColumnQuery? query = null)
    {
        await using var stream = await version.OpenColumnsAsync(query);
        return (stream.Masked, stream.IsFiltered, await RowsAsync(stream.BatchesAsync()));
    }

    private static async Task<(ReadToken Token, List<string?[]> Rows)> EpochAsync(
        VersionReader version, TrainingQuery query, int batches = int.MaxValue)
    {
        await using var read = await version.OpenTrainingReadAsync(query);
        var rows = await RowsAsync(read.BatchesAsync().Take(batches));
        return (read.Token, rows);
    }

    private static async Task<List<string?[]>> RowsAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        var rows = new List<string?[]>();
        await foreach (var next in batches)
        {
            using var batch = next;
            for (var row = 0; row < batch.Length; row++)
                rows.Add([.. batch.Arrays.Select(a => Cli.Printing.ArrowText.Of(a, row))]);
        }

        return rows;
    }
}
