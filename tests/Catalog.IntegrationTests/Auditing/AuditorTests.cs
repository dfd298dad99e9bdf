using System.Text.RegularExpressions;
using Catalog.Auditing;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Npgsql;

namespace Catalog.IntegrationTests.Auditing;

/// <summary>What auditors can ask in SQL, and what they cannot reach.</summary>
public sealed partial class AuditorTests(AuditedCatalog catalog) : IClassFixture<AuditedCatalog>
{
    private const string Document = "docs/auditing.md";

    public static TheoryData<string> Questions =>
        [.. Heading().Matches(Text).Select(m => m.Groups["question"].Value)];

    private static string Text { get; } =
        File.ReadAllText(Path.Combine(Serving.Repository.Root, Document)).ReplaceLineEndings("\n");

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task Each_question_of_the_document_is_answered_with_rows(string question)
    {
        var sql = Heading().Matches(Text).Single(m => m.Groups["question"].Value == question).Groups["sql"].Value;

        Assert.NotEmpty(await RowsAsync(catalog.Auditor, sql));
    }

    [Fact]
    public void There_are_ten_questions() => Assert.Equal(10, Questions.Count);

    [Fact]
    public async Task The_answers_are_those_that_the_catalog_gives()
    {
        Assert.Equal(["model:demo/flight-delay@2"], (await AnswersAsync("trained on version 3")).Select(r => r[0]));
        Assert.Equal(
            ["dataset:demo/flights@1", "dataset:demo/flights@3", "dataset:demo/old-flights@1", "dataset:demo/origin-delays@1"],
            (await AnswersAsync("serves now")).Select(r => $"{r[1]}").Order(StringComparer.Ordinal));
        Assert.Equal(["dataset:reports/flight-delays"], (await AnswersAsync("belong to nobody")).Select(r => r[0]));
        Assert.Equal(["dataset:demo/old-flights"], (await AnswersAsync("now retired")).Select(r => r[4]).Distinct());
        Assert.Equal(["1", "2"], (await AnswersAsync("deployed what")).Select(r => r[6]));
        Assert.Equal(2, (await AnswersAsync("data with a tag")).Count);
    }

    [Fact]
    public async Task Auditors_read_the_views_and_nothing_else()
    {
        var readable = await RowsAsync(
            catalog.Auditor,
            """
            select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname not in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v', 'm', 'p', 'f', 'S')
                and case when c.relkind = 'S' then has_sequence_privilege(c.oid, 'usage, select, update')
                    else has_table_privilege(c.oid, 'select, insert, update, delete, truncate, references, trigger')
                        or has_any_column_privilege(c.oid, 'select, insert, update, references') end
            """);
        Assert.Equal(
            AuditorViews.All.Select(v => v.Name).Order(StringComparer.Ordinal),
            readable.Select(r => $"{r[0]}").Order(StringComparer.Ordinal));
        Assert.Empty(await RowsAsync(
            catalog.Auditor,
            """
            select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname not in ('pg_catalog', 'information_schema') and has_function_privilege(p.oid, 'execute')
            """));
        Assert.Empty(await RowsAsync(
            catalog.Auditor,
            "select rolname from pg_roles where rolname like 'pg%' and pg_has_role(rolname, 'member') and rolname <> 'pg_database_owner'"));
    }

    [Theory]
    [InlineData("select * from catalog.mt_doc_key_label")]
    [InlineData("select * from catalog.mt_doc_page_key")]
    [InlineData("select * from catalog.principal_profile")]
    [InlineData("select * from catalog.openlineage_body")]
    [InlineData("select * from catalog.mt_events")]
    [InlineData("select * from catalog.stream_state")]
    [InlineData("select * from lineage.node")]
    [InlineData("select pg_read_file('/etc/hostname')")]
    [InlineData("copy catalog.events to program 'cat'")]
    public async Task What_is_behind_the_views_is_refused(string sql)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => RowsAsync(catalog.Auditor, sql));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Events_say_of_a_key_all_but_its_hash()
    {
        var key = Assert.Single(await RowsAsync(
            catalog.Auditor, "select data->>'role', data ? 'secretHash' from catalog.events where type = 'key_issued' limit 1"));
        Assert.Equal(["admin", false], key);
    }

    [Fact]
    public async Task A_role_that_could_read_everything_before_cannot_after_the_next_start()
    {
        using var folder = new TemporaryFolder();
        var options = new Server.ServerOptions
        {
            DataFolder = folder["data"],
            Url = "http://127.0.0.1:0",
            PostgresListen = $"127.0.0.1:{AuditedCatalog.FreePort()}",
        };
        await using (var before = await Server.CatalogServer.StartAsync(options))
            await Sql.RunAsync(before.Postgres?.ConnectionString ?? "", "grant pg_read_all_data to auditor");

        await using var after = await Server.CatalogServer.StartAsync(options);

        Assert.False(await Sql.ReadAsync<bool>(
            after.Postgres?.ConnectionString ?? "", "select pg_has_role('auditor', 'pg_read_all_data', 'member')"));
    }

    [Fact]
    public async Task The_document_tells_every_column_and_what_to_grant()
    {
        foreach (var view in AuditorViews.All)
        {
            var (schema, name) = (view.Name.Split('.')[0], view.Name.Split('.')[1]);
            var columns = await RowsAsync(
                catalog.Owner,
                $"select column_name::text from information_schema.columns where table_schema = '{schema}' and table_name = '{name}'");
            var told = Text.Split('\n').Single(l => l.StartsWith($"| `{view.Name}` |", StringComparison.Ordinal));
            Assert.All(columns, c => Assert.Contains($"`{c[0]}`", told, StringComparison.Ordinal));
        }

        var grants = Space().Replace(Text, " ");
        Assert.All(
            AuditorViews.Grants.Split(";\n"),
            grant => Assert.Contains(Space().Replace(grant, " ").Trim(), grants, StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<object[]>> AnswersAsync(string question) => await RowsAsync(
        catalog.Auditor,
        Heading().Matches(Text).Single(m => m.Groups["question"].Value.Contains(question, StringComparison.Ordinal)).Groups["sql"].Value);

    internal static async Task<IReadOnlyList<object[]>> RowsAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>A heading, and the first SQL below it.</summary>
    [GeneratedRegex(
        @"^### (?<question>[^\n]+)\n(?:(?!### |```sql\n)[^\n]*\n)*```sql\n(?<sql>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
