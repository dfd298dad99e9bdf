using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

public sealed class PagingTests(ServerFixture server)
{
    [Fact]
    public async Task A_cursor_goes_through_2500_datasets_without_loss_or_repetition()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("many");
        var positions = new long[2_500];
        var many = new ParallelOptions { MaxDegreeOfParallelism = 64 };
        await Parallel.ForEachAsync(Enumerable.Range(0, positions.Length), many, async (n, _) =>
            positions[n] = (await api.PostAsync("/v1/datasets", new { @namespace = ns, name = Name(n), owner = "team" }))
                .Expect(201).Position);
        await api.GetAsync($"/v1/datasets?limit=1&atLeast={positions.Max()}");

        var expected = Enumerable.Range(0, positions.Length).Select(Name).Order(StringComparer.Ordinal);
        foreach (var limit in (int[])[1_000, 97])
            Assert.Equal(expected, (await api.AllAsync($"/v1/datasets?namespace={ns}", limit))
                .Select(d => d.GetProperty("name").GetString() ?? ""));

        // Names that sort differently by letter and by byte.
        static string Name(int n) => (n % 4) switch { 0 => $"a{n}", 1 => $"Z{n}", 2 => $"é{n}", _ => $"a-{n}" };
    }

    [Fact]
    public async Task What_is_registered_while_a_list_is_read_shifts_nothing()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        foreach (var name in (string[])["b", "d", "f", "h"])
            await New.DatasetAsync(api, ns, name);
        var position = (await api.PutAsync($"/v1/datasets/{ns}/h/tags/x")).Position;
        var first = (await api.GetAsync($"/v1/datasets?namespace={ns}&limit=2&atLeast={position}")).Expect(200);

        await New.DatasetAsync(api, ns, "a");
        await New.DatasetAsync(api, ns, "e");
        position = (await api.PutAsync($"/v1/datasets/{ns}/e/tags/x")).Position;
        var second = (await api.GetAsync($"/v1/datasets?namespace={ns}&limit=10&after={first.Next}&atLeast={position}")).Expect(200);

        Assert.Equal(["b", "d"], first.Items.Select(d => d.GetProperty("name").GetString()));
        Assert.Equal(["e", "f", "h"], second.Items.Select(d => d.GetProperty("name").GetString()));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_position_that_the_log_does_not_have_is_not_waited_for()
    {
        var api = await server.ApiAsync();
        (await api.GetAsync($"/v1/datasets?atLeast={long.MaxValue}")).ExpectProblem(400, "catalog.position_unknown");
    }

    [Theory]
    [InlineData("limit=0", "request.invalid")]
    [InlineData("limit=1001", "request.invalid")]
    [InlineData("limit=-1", "request.invalid")]
    [InlineData("limit=1e2", "request.invalid")]
    [InlineData("limit=", "request.invalid")]
    [InlineData("limit=1&limit=2", "request.invalid")]
    [InlineData("limit=99999999999999999999", "request.invalid")]
    [InlineData("after=%00", "cursor.invalid")]
    [InlineData("after=!!!", "cursor.invalid")]
    [InlineData("after=_w", "cursor.invalid")]
    [InlineData("after=AA", "cursor.invalid")]
    [InlineData("after=%20", "cursor.invalid")]
    [InlineData("after=YQ&after=Yg", "cursor.invalid")]
    [InlineData("atLeast=x", "request.invalid")]
    [InlineData("atLeast=9223372036854775808", "request.invalid")]
    public async Task A_page_that_makes_no_sense_is_refused(string query, string code)
    {
        var api = await server.ApiAsync();
        foreach (var list in (string[])["/v1/datasets", "/v1/runs", "/v1/jobs", "/v1/models", "/v1/keys"])
            (await api.GetAsync($"{list}?{query}")).ExpectProblem(400, code);
    }

    [Theory]
    [InlineData("datasets?namespace=%00")]
    [InlineData("datasets?tag=%00")]
    [InlineData("models?namespace=%00")]
    [InlineData("jobs?namespace=a%00b")]
    [InlineData("datasets?namespace=%FF")]
    [InlineData("datasets?namespace=%ED%A0%80")]
    [InlineData("datasets?tag='%3B--")]
    public async Task A_filter_that_no_name_can_match_finds_nothing_or_is_refused(string query)
    {
        var answer = await (await server.ApiAsync()).GetAsync($"/v1/{query}");
        if (answer.Code != 400)
            Assert.Empty(answer.Expect(200).Items);
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_refused_where_it_cannot_fit()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        (await api.GetAsync(dataset.Versions + "?after=YWJj")).ExpectProblem(400, "cursor.invalid");
    }
}
