using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;
using Npgsql;

namespace Catalog.IntegrationTests.Auditing;

/// <summary>The tables of lineage say what the graph says, whatever happened to them.</summary>
public sealed class LineageTablesTests(AuditedCatalog catalog) : IClassFixture<AuditedCatalog>
{
    private const string Rows =
        """
        select concat_ws(' ', source.node, edge.relation, target.node, edge.held_from / 10,
            case when edge.held_to = 9223372036854775807 then '' else (edge.held_to / 10)::text end, edge.known_from,
            case when edge.known_until = 9223372036854775807 then '' else edge.known_until::text end)
        from lineage.edge edge join lineage.node source on source.id = edge.source join lineage.node target on target.id = edge.target
        where edge.known_until > edge.known_from
        """;

    [Fact]
    public async Task They_follow_what_is_told_replaced_and_taken_back()
    {
        await AgreeAsync();
        foreach (var fixture in Sent.Fixtures)
            Assert.True((await catalog.Api.SendAsync(Sent.Single, fixture)).Code is 200 or 201);
        await AgreeAsync();
        (await catalog.Api.DeleteAsync("/v1/models/demo/flight-delay/deployments/flight-delay")).Expect(200);
        await AgreeAsync();

        var ended = await AuditorTests.RowsAsync(
            catalog.Auditor, "select 1 from catalog.deployments where undeployed_at is null and endpoint = 'flight-delay'");
        Assert.Empty(ended);
    }

    [Fact]
    public async Task A_fact_that_comes_under_a_number_held_for_dead_reaches_them_too()
    {
        var number = await Sql.ReadAsync<long>(catalog.Owner, "select nextval('catalog.mt_events_sequence')");
        await New.DatasetAsync(catalog.Api);
        await catalog.InStepAsync();

        await Sql.RunAsync(
            catalog.Owner,
            $"""
            do $$ declare fact catalog.mt_events; begin
                select * into fact from catalog.mt_events where type = 'model_deployed' limit 1;
                fact.seq_id := {number}; fact.id := gen_random_uuid(); fact.version := 1000000;
                fact.data := jsonb_set(fact.data, '{"{endpoint}"}', '"late"');
                insert into catalog.mt_events values (fact.*);
            end $$
            """);

        await Eventually.True(
            async () => await Sql.ReadAsync<long>(
                catalog.Owner, "select count(*) from catalog.deployments where endpoint = 'late' and undeployed_at is null") == 1,
            "the tables have what came late");
        await AgreeAsync();
        Assert.Equal([number], await Sql.ReadAsync<long[]>(catalog.Owner, "select late from lineage.progress"));
    }

    [Fact]
    public async Task A_server_whose_tables_stay_behind_is_ready_and_says_so()
    {
        await catalog.InStepAsync();
        await Sql.RunAsync(catalog.Owner, "update lineage.progress set updated_at = now() - interval '2 minutes'");
        await using (var connection = new NpgsqlConnection(catalog.Owner))
        {
            await connection.OpenAsync();
            await using var holding = await connection.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("select from lineage.progress for update", connection);
            await hold.ExecuteNonQueryAsync();
            await New.DatasetAsync(catalog.Api);

            // A fact after an idle minute is behind by a moment only.
            Assert.Equal("ready", (await catalog.Api.GetAsync("/readyz")).Expect(200).Text);
            await Sql.RunAsync(
                catalog.Owner,
                """
                update catalog.mt_events set timestamp = now() - interval '2 minutes'
                where seq_id > (select position from lineage.progress)
                """);
            Assert.StartsWith("ready\nlineage for SQL tools is at position", (await catalog.Api.GetAsync("/readyz")).Expect(200).Text);
        }

        await Eventually.True(async () => (await catalog.Api.GetAsync("/readyz")).Text == "ready", "the tables follow again");
    }

    [Theory]
    [InlineData("update lineage.progress set revision = -1")]
    [InlineData("update lineage.progress set position = position + 1000000")]
    [InlineData("update lineage.progress set facts = facts - 1")]
    [InlineData("update lineage.progress set late = '{7}'")]
    public async Task Tables_that_do_not_fit_the_log_are_filled_anew(string harm)
    {
        await catalog.InStepAsync();

        await Sql.RunAsync(catalog.Owner, $"delete from lineage.edge where relation = 0; {harm}, writer = gen_random_uuid()");
        await New.DatasetAsync(catalog.Api);
        await New.RunAsync(catalog.Api);

        await Eventually.True(async () => (await StoredAsync()).SetEquals(catalog.GraphEdges()), "the tables are filled anew");
        await AgreeAsync();
    }

    [Theory]
    [InlineData("source", "target")]
    [InlineData("target", "source")]
    public async Task A_walk_over_many_edges_looks_them_up_by_index_either_way(string here, string there)
    {
        var plan = await AuditorTests.RowsAsync(
            catalog.Owner,
            $"""
            begin;
            insert into lineage.node (digest, node, kind, namespace, name, version, first_known)
            select sha256(convert_to(n::text, 'UTF8')), 'dataset:many/' || n || '@1', 'dataset', 'many', n::text, '1', 1
            from generate_series(1, 50000) n;
            insert into lineage.edge
            select least(source.id, target.id), greatest(source.id, target.id), 0, n, 9223372036854775807, 1, 9223372036854775807
            from generate_series(1, 100000) n
            join lineage.node source on source.node = 'dataset:many/' || 1 + n % 50000 || '@1'
            join lineage.node target on target.node = 'dataset:many/' || 1 + n * 7919::bigint % 50000 || '@1';
            insert into catalog.sql_sight select 'somebody', node from lineage.node where kind = 'dataset' on conflict do nothing;
            analyze lineage.node, lineage.edge, catalog.sql_sight;
            explain with recursive reached (node) as (
                values ('dataset:many/77@1')
                union
                select edge.{there}
                from reached cross join lateral (
                    select {there} from lineage.edges
                    where {here} = reached.node and relation = 'input' and known_until_position is null offset 0) edge)
            select count(*) from reached;
            """);
        var lines = plan.Select(r => $"{r[0]}").ToList();
        Assert.Contains(lines, l => l.Contains("Index Scan using node_text", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("using sql_sight_pkey", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("Seq Scan on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task First_known_is_the_earliest_position_that_names_a_node()
    {
        await catalog.InStepAsync();
        Assert.Empty(await AuditorTests.RowsAsync(
            catalog.Owner,
            """
            select node.node from lineage.node node
            where node.first_known <> (select min(known_from) from lineage.edge edge where node.id in (edge.source, edge.target))
            """));
    }

    private async Task AgreeAsync()
    {
        await catalog.InStepAsync();
        var stored = await StoredAsync();
        Assert.NotEmpty(stored);
        Assert.Equal(catalog.GraphEdges().Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
    }

    private async Task<HashSet<string>> StoredAsync() =>
        [.. (await AuditorTests.RowsAsync(catalog.Owner, Rows)).Select(r => Named($"{r[0]}"))];

    /// <summary>Relations by their names, as the graph's are.</summary>
    private static string Named(string row)
    {
        var words = row.Split(' ');
        var relation = Array.FindIndex(words, w => w.Length < 3 && int.TryParse(w, out _));
        words[relation] = ((Lineage.LineageRelation)int.Parse(words[relation])).ToString();
        return string.Join(' ', words);
    }
}
