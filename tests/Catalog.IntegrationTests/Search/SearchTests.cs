using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Search;

public sealed class SearchTests(ServerFixture server)
{
    [Fact]
    public async Task What_is_called_so_comes_before_what_holds_the_words_and_slips_come_last()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        await search.DatasetAsync("weather", documentation: "Joined with flights by airport.");
        var columns = await search.DatasetAsync("airports");
        await search.ColumnsAsync(columns, "id", "flights_daily");
        await search.DatasetAsync("flight");
        await search.DatasetAsync("raw_flights_of_all_airlines");
        await search.DatasetAsync("flights");
        await search.DatasetAsync("flights_2001");

        Assert.Equal(
            ["flights", "flights_2001", "raw_flights_of_all_airlines", "airports", "weather", "flight"],
            await search.NamesAsync("flights"));
        var scores = (await search.FoundAsync("flights")).Select(f => f.GetProperty("score").GetDouble()).ToList();
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.All(scores, s => Assert.InRange(s, 0, 1));
    }

    [Fact]
    public async Task Names_are_found_however_their_words_are_parted()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        foreach (var name in new[] { "flight_delay", "flight-delay-2", "flightDelays", "delay/of.each:flight" })
            await search.DatasetAsync(name);

        foreach (var text in new[] { "flight delay", "flight_delay", "flight-delay", "flightDelay", "Flight Delay", "flightdelay" })
        {
            var names = await search.NamesAsync(text);
            Assert.Equal("flight_delay", names[0]);
            Assert.Subset(names.ToHashSet(), new HashSet<string> { "flight_delay", "flight-delay-2", "flightDelays" });
        }

        Assert.Contains("delay/of.each:flight", await search.NamesAsync("flight delay"));
        Assert.Equal("flight_delay", (await search.NamesAsync($"dataset:{search.Namespace}/flight_delay@3"))[0]);
        Assert.Equal("flight_delay", (await search.NamesAsync($"{search.Namespace}/flight_delay"))[0]);
    }

    [Fact]
    public async Task Mistyped_words_find_what_was_meant()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var delays = await search.DatasetAsync("origin_delays");
        await search.ColumnsAsync(delays, "customer_segment");
        await search.DatasetAsync("flights", tags: "confidential");

        Assert.Equal(["flights"], await search.NamesAsync("fligts"));
        Assert.Equal(["flights"], await search.NamesAsync("flihgts"));
        Assert.Equal(["flights"], await search.NamesAsync("confidental"));
        Assert.Equal(["origin_delays"], await search.NamesAsync("origin dleays"));
        Assert.Equal(["origin_delays"], await search.NamesAsync("custmer"));
        Assert.Empty(await search.NamesAsync("departures"));
    }

    [Fact]
    public async Task An_answer_says_where_the_words_are()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var text = $"{string.Concat(Enumerable.Repeat("Of no interest. ", 40))}Arrival by the hour, as reported.";
        var flights = await search.DatasetAsync("flights", owner: "arrival-team", text, "arrivals");
        await search.ColumnsAsync(flights, "id", "arrival_time", "dep_time");

        var found = Assert.Single(await search.FoundAsync("arrival"));
        var matches = Searched.Matches(found);

        Assert.Equal(["column arrival_time", "tag arrivals", "owner arrival-team"], matches[..3]);
        Assert.Contains("Arrival by the hour", matches[3]);
        Assert.InRange(matches[3].Length, 20, 200);
        Assert.Equal(
            NodeId.Dataset(search.Namespace, "flights", version: null, "arrival_time").ToString(),
            found.GetProperty("matches")[0].GetProperty("node").GetString());
        Assert.Equal(
            ("dataset", search.Namespace, "flights", "arrival-team", false),
            (found.GetProperty("kind").GetString(), found.GetProperty("namespace").GetString(), found.GetProperty("name").GetString(),
                found.GetProperty("owner").GetString(), found.GetProperty("retired").GetBoolean()));
        Assert.Equal(["column dep_time"], Searched.Matches(Assert.Single(await search.FoundAsync("dep_time"))));
        Assert.Equal(["column dep_time", "owner arrival-team"], Searched.Matches(Assert.Single(await search.FoundAsync("dep team"))));
    }

    [Fact]
    public async Task All_the_words_must_be_there_and_may_be_in_several_places()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var both = await search.DatasetAsync("flights", tags: "gold");
        await search.ColumnsAsync(both, "delay");
        await search.DatasetAsync("flights_old", tags: "gold");

        Assert.Equal(["flights"], await search.NamesAsync("gold delay flights"));
        Assert.Empty(await search.NamesAsync("gold delay trains"));
    }

    [Fact]
    public async Task Things_of_every_kind_are_found_and_told_apart()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var api = await server.ApiAsync();
        await search.DatasetAsync("delay");
        var model = new ModelName(search.Namespace, "delay-model");
        (await api.PostAsync("/v1/models", new { @namespace = model.Namespace, name = model.Name, owner = "team" })).Expect(201);
        var run = Guid.CreateVersion7();
        (await api.PostAsync("/v1/runs", new { id = run, job = new { @namespace = model.Namespace, name = "delay-train" } })).Expect(201);
        (await api.PutAsync($"/v1/runs/{run}/tags/delay-nightly")).Expect(200);
        var sha256 = (await api.UploadAsync("w"u8.ToArray()))["sha256"].GetString();
        (await api.PostAsync(model.Url + "/versions", new { run, files = new[] { new { path = "m", sha256 } } })).Expect(201);
        search.Include((await api.PutAsync(model.Url + "/deployments/delay-eu", new { version = "1" })).Expect(200));

        foreach (var (kind, name) in new[]
        {
            ("dataset", "delay"), ("model", "delay-model"), ("job", "delay-train"), ("run", run.ToString()), ("deployment", "delay-eu"),
        })
            Assert.Equal([name], await search.NamesAsync("delay", $"kind={kind}"));
        Assert.Equal(5, (await search.NamesAsync("delay")).Length);
        Assert.Equal([run.ToString()], await search.NamesAsync(run.ToString()));
        Assert.Equal([run.ToString()], await search.NamesAsync(run.ToString()[..18]));
        Assert.Equal(["delay-eu"], await search.NamesAsync("serves delay model", "kind=deployment"));

        search.Include((await api.DeleteAsync(model.Url + "/deployments/delay-eu")).Expect(200));
        Assert.True(Assert.Single(await search.FoundAsync("delay-eu")).GetProperty("retired").GetBoolean());
    }

    [Fact]
    public async Task Answers_follow_what_is_done()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var api = await server.ApiAsync();
        var flights = await search.DatasetAsync("flights", owner: "first-owner", documentation: "About airplanes.", tags: "bronze");
        await search.ColumnsAsync(flights, "tail_number");
        Assert.Single(await search.NamesAsync("bronze"));
        Assert.Single(await search.NamesAsync("airplanes tail"));

        (await api.DeleteAsync(flights.Url + "/tags/bronze")).Expect(200);
        (await api.PutAsync(flights.Url + "/columns/tail_number/tags/identifying")).Expect(200);
        var description = new { owner = "second-owner", documentation = "About helicopters." };
        search.Include((await api.PutAsync(flights.Url + "/description", description)).Expect(200));

        Assert.Empty(await search.NamesAsync("bronze"));
        Assert.Empty(await search.NamesAsync("airplanes"));
        Assert.Empty(await search.NamesAsync("flights", "owner=first-owner"));
        Assert.Single(await search.NamesAsync("identifying helicopters"));
        Assert.Single(await search.NamesAsync("flights", "owner=second-owner&tag=identifying"));

        await search.DatasetAsync("flights_new");
        search.Include((await api.PostAsync(flights.Url + "/retire", new { reason = "Old." })).Expect(201));
        Assert.Equal(["flights", "flights_new"], await search.NamesAsync("flights"));
        Assert.True((await search.FoundAsync("flights"))[0].GetProperty("retired").GetBoolean());
    }

    [Fact]
    public async Task Filters_narrow_the_answer()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        await search.DatasetAsync("flights_a", owner: "alice", tags: "gold");
        await search.DatasetAsync("flights_b", owner: "bob", tags: ["gold", "eu"]);

        Assert.Equal(["flights_b"], await search.NamesAsync("flights", "owner=bob"));
        Assert.Equal(["flights_b"], await search.NamesAsync("flights", "tag=eu"));
        Assert.Equal(["flights_a", "flights_b"], (await search.NamesAsync("flights", "tag=gold")).Order());
        Assert.Empty(await search.NamesAsync("flights", "kind=model"));
        Assert.Empty(await search.NamesAsync("flights", "tag=go"));
        Assert.Empty((await search.AnswerAsync("flights", "namespace=" + search.Namespace[..^1])).Expect(200).Items);
    }

    [Fact]
    public async Task Pages_add_up_whatever_their_size()
    {
        var search = await Searched.InNewNamespaceAsync(server);
        var api = await server.ApiAsync();
        for (var i = 0; i < 7; i++)
        {
            await search.DatasetAsync($"flights_{i}");
            await search.DatasetAsync($"flihgts_{i}");
            await search.DatasetAsync($"x{i}", documentation: "Of flights.");
        }

        await search.DatasetAsync("flights");
        var whole = await search.NamesAsync("flights");
        Assert.Equal(22, whole.Length);
        Assert.Equal("flights", whole[0]);
        foreach (var limit in new[] { 1, 2, 5, 8, 21, 22 })
            Assert.Equal(whole, (await api.AllAsync($"/v1/search?q=flights&namespace={search.Namespace}", limit))
                .Select(f => f.GetProperty("name").GetString() ?? ""));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_with_the_field()
    {
        var api = await server.ApiAsync();
        foreach (var query in new[] { "", "?q=", "?q=%20%20", $"?q={new string('x', 201)}" })
            Assert.Equal("q", (await api.GetAsync($"/v1/search{query}")).ExpectProblem(400, "request.invalid").FieldOfProblem());
        Assert.Equal("kind", (await api.GetAsync("/v1/search?q=x&kind=file")).ExpectProblem(400, "request.invalid").FieldOfProblem());
        (await api.GetAsync("/v1/search?q=x&after=YWJj")).ExpectProblem(400, "cursor.invalid");
        (await api.GetAsync("/v1/search?q=x&limit=0")).ExpectProblem(400, "request.invalid");
        using var stranger = new Api(server.Server.Address, key: null);
        (await stranger.GetAsync("/v1/search?q=x")).ExpectProblem(401, "access.unauthenticated");
        var (reader, _) = await server.ApiAsync("reader");
        (await reader.GetAsync("/v1/search?q=x")).Expect(200);
    }
}

file static class Problems
{
    /// <summary>The problem's one field.</summary>
    public static string FieldOfProblem(this Answer problem) => problem["errors"].EnumerateObject().Single().Name;
}
