using System.Text.Json;
using Catalog.IntegrationTests.DeltaSharing;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.PolicyProjections;

/// <summary>Tables by Delta Sharing for somebody whom policies show less.</summary>
public sealed class ProjectedTableTests(ServerFixture server)
{
    private const string Delta = "responseformat=delta";

    [Theory]
    [InlineData("")]
    [InlineData(Delta)]
    public async Task All_that_is_said_of_a_table_is_true_of_what_is_shown(string capabilities)
    {
        var shown = await Shown.StartAsync(server);
        await shown.MaskAsync("origin", "redact");
        await shown.MaskAsync("distance", "null");
        await shown.FilterAsync("delay >= 100");
        var table = new SharedTable(shown.Version.Namespace, shown.Version.Name);
        var all = (await table.QueryAsync(shown.Admin)).Expect(200);

        var metadata = (await shown.Api.GetAsync($"{table.Url}/metadata", ("delta-sharing-capabilities", capabilities))).Expect(200);
        var answer = (await table.QueryAsync(shown.Api, null, ("delta-sharing-capabilities", capabilities))).Expect(200);
        var files = SharedTable.FilesOf(answer).Select(f => new TableFile(f)).ToList();
        var bytes = await Shown.FetchAsync(files.Select(f => f.Url));
        var columns = await shown.ColumnsAsync();

        Assert.Equal(columns, await Shown.RowsAsync(bytes));
        Assert.Equal(metadata.Lines[1].GetRawText(), answer.Lines[1].GetRawText());
        var said = answer.Lines[1].GetProperty("metaData");
        Assert.Equal(bytes.Sum(b => (long)b.Length), said.GetProperty("size").GetInt64());
        Assert.Equal(bytes.Count, said.GetProperty("numFiles").GetInt32());
        var described = capabilities == Delta ? said.GetProperty("deltaMetadata") : said;
        var fields = JsonDocument.Parse(described.GetProperty("schemaString").GetString() ?? "").RootElement.GetProperty("fields");
        Assert.Equal(
            [("flight", false), ("delay", true), ("distance", true), ("origin", true)],
            fields.EnumerateArray().Select(f => (f.GetProperty("name").GetString() ?? "", f.GetProperty("nullable").GetBoolean())));
        Assert.Equal(
            """[{"column":"distance","mask":"null"},{"column":"origin","mask":"redact"}]""",
            described.GetProperty("configuration").GetProperty("catalog.masked").GetString());
        Assert.Equal("true", described.GetProperty("configuration").GetProperty("catalog.filtered").GetString());

        Assert.Equal(columns.Count, files.Sum(f => f.Stats.GetProperty("numRecords").GetInt64()));
        Assert.All(files, f =>
        {
            Assert.Equal("REDACTED", f.Stats.GetProperty("minValues").GetProperty("origin").GetString());
            Assert.Equal("REDACTED", f.Stats.GetProperty("maxValues").GetProperty("origin").GetString());
            Assert.True(f.Stats.GetProperty("minValues").GetProperty("delay").GetInt32() >= 100);
            Assert.False(f.Stats.GetProperty("minValues").TryGetProperty("distance", out _));
        });
        Assert.All(
            SharedTable.FilesOf(all),
            f => Assert.DoesNotContain(f.GetProperty("id").GetString() ?? "", answer.Text, StringComparison.Ordinal));
        Assert.Equal(Shown.Rows, SharedTable.FilesOf(all).Sum(f => SharedTable.StatsOf(f).GetProperty("numRecords").GetInt64()));
        Assert.Equal(1, SharedTable.VersionOf(answer));
    }

    [Fact]
    public async Task Hints_choose_files_by_what_is_shown()
    {
        var shown = await Shown.StartAsync(server);
        await shown.MaskAsync("origin", "redact");
        await shown.FilterAsync("delay >= 100");
        var table = new SharedTable(shown.Version.Namespace, shown.Version.Name);

        Assert.Empty(SharedTable.FilesOf(await table.QueryAsync(shown.Api, Hint("lessThan", "delay", "int", "50"))));
        Assert.Empty(SharedTable.FilesOf(await table.QueryAsync(shown.Api, Hint("equal", "origin", "string", "airport 1"))));
        Assert.NotEmpty(SharedTable.FilesOf(await table.QueryAsync(shown.Api, Hint("equal", "origin", "string", "REDACTED"))));
        Assert.NotEmpty(SharedTable.FilesOf(await table.QueryAsync(shown.Admin, Hint("equal", "origin", "string", "airport 1"))));
    }

    [Fact]
    public async Task Who_may_read_nothing_may_know_the_table_and_gets_no_files()
    {
        var shown = await Shown.StartAsync(server);
        await Policies.DenyAsync(shown.Admin, shown.Principal, shown.Version);
        var table = new SharedTable(shown.Version.Namespace, shown.Version.Name);

        (await shown.Api.GetAsync($"{table.Url}/metadata")).Expect(200);
        TableTests.Expect(await table.QueryAsync(shown.Api), 403, "PERMISSION_DENIED");
        Assert.Equal((0, ""), await shown.RecordedAsync(server.Database));
    }

    private static object Hint(string op, string column, string type, string value) => new
    {
        jsonPredicateHints = JsonSerializer.Serialize(new
        {
            op,
            children = new object[]
            {
                new { op = "column", name = column, valueType = type }, new { op = "literal", value, valueType = type },
            },
        }),
    };

    /// <summary>A file as either format has it.</summary>
    private sealed class TableFile(JsonElement file)
    {
        private readonly JsonElement? _add = file.TryGetProperty("deltaSingleAction", out var action) ? action.GetProperty("add") : null;

        public Uri Url => new((_add?.GetProperty("path") ?? file.GetProperty("url")).GetString() ?? "");

        public JsonElement Stats => SharedTable.StatsOf(_add ?? file);
    }
}
