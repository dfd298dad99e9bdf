using System.Text.Json.Nodes;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Search;

/// <summary>What is known only from OpenLineage events is found, too.</summary>
public sealed class ToldTests(ServerFixture server)
{
    private const string Schema = """{"fields":[{"name":"orderTotal"},{"name":"customer","fields":[{"name":"street"}]}]}""";

    [Fact]
    public async Task Jobs_and_datasets_of_others_are_found_by_all_that_was_told_of_them()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var told = new Told(search.Namespace);
        await SendAsync(search, told.Run(New.Name("run"), "daily_load", "COMPLETE", minute: 1, outputs:
        [
            told.Of(
                "warehouse.orders",
                ("schema", Schema),
                ("tags", """{"tags":[{"key":"sensitivity","value":"high"}]}"""),
                ("ownership", """{"owners":[{"name":"team:billing"},{"name":"jane"}]}"""),
                ("documentation", """{"description":"What was bought."}""")),
        ]));

        string[] texts =
            ["orders", "warehouse", "order total", "street", "sensitivity", "high", "billing", "jane", "bought", "ordrs"];
        foreach (var text in texts)
            Assert.Equal("warehouse.orders", (await search.NamesAsync(text, "kind=dataset")).SingleOrDefault());
        Assert.Equal(["daily_load"], await search.NamesAsync("daily load"));
        Assert.Equal(["warehouse.orders"], await search.NamesAsync("orders", "tag=sensitivity:high&owner=jane"));
        var found = Assert.Single(await search.FoundAsync("street"));
        Assert.Equal(["column customer.street"], Searched.Matches(found));
        Assert.Equal("team:billing, jane", found.GetProperty("owner").GetString());
    }

    [Fact]
    public async Task The_latest_statement_counts_whenever_it_comes()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var told = new Told(search.Namespace);
        string Version(int minute, string word) => told.About(
            told.Of(
                "table",
                ("schema", $$"""{"fields":[{"name":"column_{{word}}"}]}"""),
                ("documentation", $$"""{"description":"Described {{word}}."}""")),
            minute);

        await SendAsync(search, Version(5, "middle"));
        await SendAsync(search, Version(1, "early"));
        await SendAsync(search, Version(5, "middle").Replace("Described", "Once more described"));
        await SendAsync(search, Version(3, "between"));
        Assert.Single(await search.NamesAsync("column middle"));
        Assert.Single(await search.NamesAsync("described middle"));
        foreach (var word in new[] { "early", "between" })
            Assert.Empty(await search.NamesAsync(word));

        await SendAsync(search, Version(9, "late"), told.About(told.Of("table", ("documentation", """{"_deleted":true}""")), minute: 10));
        Assert.Single(await search.NamesAsync("column late"));
        Assert.Empty(await search.NamesAsync("described"));
    }

    [Fact]
    public async Task A_thing_of_our_own_is_one_result_with_what_others_told_of_it()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var told = new Told(search.Namespace);
        var orders = told.Of("orders", ("schema", Schema), ("ownership", """{"owners":[{"name":"theirs"}]}"""));
        await SendAsync(search, told.About(orders, minute: 1));
        await search.DatasetAsync("orders", owner: "ours", documentation: "Bought goods.");

        var found = Assert.Single(await search.FoundAsync("total bought"));
        Assert.Equal("ours", found.GetProperty("owner").GetString());
    }

    [Fact]
    public async Task A_run_of_others_is_found_by_its_whole_id_and_by_its_tags()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var told = new Told(search.Namespace);
        var (plain, tagged) = (Guid.CreateVersion7().ToString(), Guid.CreateVersion7().ToString());
        await SendAsync(search, told.Run(plain, "load", "START", minute: 1), Tagged(told.Run(tagged, "load", "START", minute: 1)));

        Assert.Equal([plain], await search.NamesAsync(plain));
        Assert.Equal([plain], await search.NamesAsync($"run:{plain}", "kind=run"));
        Assert.Empty(await search.NamesAsync(plain, "kind=dataset"));
        Assert.Equal([tagged], await search.NamesAsync(tagged));
        Assert.Equal([tagged], await search.NamesAsync("backfill"));
    }

    [Fact]
    public async Task Erasing_the_body_of_an_event_erases_what_it_is_found_by()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var told = new Told(search.Namespace);
        var position = await SendAsync(search, told.About(
            told.Of(
                "erased",
                ("schema", Schema),
                ("ownership", """{"owners":[{"name":"jane"}]}"""),
                ("documentation", """{"description":"Ask Jane of the third floor."}""")),
            minute: 1));
        Assert.Single(await search.NamesAsync("jane floor"));

        var hash = await Sql.ReadAsync<string>(server.Database, $"select data->>'hash' from catalog.mt_events where seq_id = {position}");
        await Sql.RunAsync(server.Database, $"update catalog.openlineage_body set body = null where hash = '\\x{hash}'");

        Assert.Empty(await search.NamesAsync("jane"));
        Assert.Empty(await search.NamesAsync("floor"));
        Assert.Empty(await search.NamesAsync("erased", "owner=jane"));
        Assert.Equal(["erased"], await search.NamesAsync("erased street"));
        Assert.Equal(0, await Sql.ReadAsync<long>(
            server.Database,
            $"select count(*) from catalog.search_entry where namespace = '{search.Namespace}' and search_entry::text ilike '%jane%'"));
    }

    private async Task<long> SendAsync(Searched search, params string[] events)
    {
        var position = await Told.SendAsync(await server.ApiAsync(), events);
        search.Include(position);
        return position;
    }

    private static string Tagged(string run)
    {
        var told = JsonNode.Parse(run) ?? throw new InvalidOperationException("No event.");
        var facets = JsonNode.Parse("""{"tags":{"tags":[{"key":"backfill","value":"true"}]}}""");
        (told["run"] ?? throw new InvalidOperationException("No run."))["facets"] = facets;
        return told.ToJsonString();
    }
}
