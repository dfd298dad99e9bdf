using System.Text.Json;
using Catalog.IntegrationTests.Search;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Features;

/// <summary>Feature views in lineage, search and the change feed.</summary>
public sealed class FeaturesElsewhereTests(ServerFixture server)
{
    private const string Taxi = """{"name":"taxi_max_1d","type":"int64","column":"taxi","aggregation":{"function":"max","window":"1d"}}""";

    [Fact]
    public async Task A_view_lies_downstream_of_its_source_and_of_each_version_of_it()
    {
        var views = await Views.OverLandingsAsync(server);
        var position = (await views.ApplyAsync(views.Delays())).Expect(200).Position;
        var view = $"{views.Node("delays")}@1";

        var down = await LineageAsync(views, $"node={views.Source.Node.Escaped()}&direction=down&atLeast={position}");
        Assert.Equal([$"{views.Source.At(1)} features {view}"], Edges(down));
        var up = await LineageAsync(views, $"node={views.Node("delays").Escaped()}&direction=up&atLeast={position}");
        Assert.Equal([$"{views.Source.Node} features {view}"], Edges(up));
        var things = await LineageAsync(views, $"node={views.Source.Node.Escaped()}&direction=down&granularity=dataset&atLeast={position}");
        Assert.Equal([$"{views.Source.Node} derived {views.Node("delays")}"], Edges(things));
        Assert.Empty(Edges(await LineageAsync(views, $"node={views.Source.Node.Escaped()}&direction=down&kind=model&atLeast={position}")));
    }

    [Theory]
    [InlineData("tree", "features")]
    [InlineData("mermaid", "features")]
    [InlineData("prov", "wasDerivedFrom")]
    public async Task A_view_is_in_what_is_written_for_other_programs(string format, string says)
    {
        var views = await Views.OverLandingsAsync(server);
        var position = (await views.ApplyAsync(views.Delays())).Expect(200).Position;

        var written = await LineageAsync(views, $"node={views.Source.Node.Escaped()}&direction=down&format={format}&atLeast={position}");

        Assert.Contains(says, written.Text, StringComparison.Ordinal);
        Assert.Contains("delays@1", written.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Features_come_from_columns()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync(views.Delays())).Expect(200);
        var position = (await views.ApplyAsync(views.Delays().With(Taxi))).Expect(200).Position;

        var delay = $"{views.Source.Node}#delay";
        var down = await LineageAsync(views, $"node={delay.Escaped()}&direction=down&granularity=column&atLeast={position}");
        Assert.Equal([$"{delay} column {views.Node("delays")}#delay_mean_7d"], Edges(down));
        var feature = $"{views.Node("delays")}#taxi_max_1d";
        var up = await LineageAsync(views, $"node={feature.Escaped()}&direction=up&granularity=column&atLeast={position}");
        Assert.Equal(
            [
                $"{views.Source.Node}#created columnInfluence {feature}", $"{views.Source.Node}#landed columnInfluence {feature}",
                $"{views.Source.Node}#origin columnInfluence {feature}", $"{views.Source.Node}#taxi column {feature}",
            ],
            Edges(up).Order(StringComparer.Ordinal));

        var why = (await views.Api.GetAsync(
            $"/v1/lineage/edge?from={$"{views.Source.Node}#taxi".Escaped()}&to={feature.Escaped()}"
            + $"&granularity=column&atLeast={position}")).Expect(200);
        Assert.Contains("feature_view_extended", why.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Impact_names_the_views_and_their_owners_and_of_a_column_only_those_that_take_it()
    {
        var views = await Views.OverLandingsAsync(server);
        var position = (await views.ApplyAsync(views.Delays(), views.Of("taxi", Taxi))).Expect(200).Position;

        var whole = await ImpactAsync(views, $"node={views.Source.Node.Escaped()}&atLeast={position}");
        Assert.Equal([$"{views.Node("delays")}@1", $"{views.Node("taxi")}@1"], Nodes(whole, "featureViews").Order(StringComparer.Ordinal));
        Assert.Contains("team-flights", whole["owners"].EnumerateArray().Select(o => o.GetProperty("owner").GetString()));
        var column = await ImpactAsync(views, $"node={$"{views.Source.Node}#taxi".Escaped()}&atLeast={position}");
        Assert.Equal([$"{views.Node("taxi")}@1"], Nodes(column, "featureViews"));
        Assert.Equal([$"{views.Node("taxi")}#taxi_max_1d"], Nodes(column, "columns"));
    }

    [Fact]
    public async Task A_search_finds_views_by_their_names_and_by_their_features()
    {
        var views = await Views.OverLandingsAsync(server);
        var found = new Searched(views.Api, server.NewFolder(), views.Source.Namespace);
        var view = views.Delays("origin_delays").Set("description", "How punctual an airport is.");
        found.Include((await views.ApplyAsync(view)).Expect(200));

        Assert.Equal("origin_delays", (await found.NamesAsync("origin delays"))[0]);
        var feature = Assert.Single(await found.FoundAsync("delay_mean_7d"));
        Assert.Equal("featureView", feature.GetProperty("kind").GetString());
        Assert.Equal(["column delay_mean_7d"], Searched.Matches(feature));
        Assert.Equal(["origin_delays"], await found.NamesAsync("punctual", "kind=featureView"));
        (await views.ApplyAsync(view.With(Taxi))).Expect(200);
        found.Include((await views.Api.PostAsync(views.Url("origin_delays") + "/retire", new { reason = "Old." })).Expect(201));
        Assert.True(Assert.Single(await found.FoundAsync("taxi_max_1d")).GetProperty("retired").GetBoolean());
    }

    [Fact]
    public async Task The_change_feed_shows_what_was_defined()
    {
        var views = await Views.OverLandingsAsync(server);
        var position = (await views.ApplyAsync(views.Delays())).Expect(200).Position;

        var lines = (await views.Api.GetAsync($"/v1/changes?after={position - 2}&limit=2&follow=false")).Expect(200).Lines;

        Assert.Equal(
            ["feature_view_registered", "feature_view_defined"],
            lines.Where(l => l.TryGetProperty("type", out var _)).Select(l => l.GetProperty("type").GetString()));
    }

    private static async Task<Answer> LineageAsync(Views views, string query) =>
        (await views.Api.GetAsync($"/v1/lineage?{query}")).Expect(200);

    private static async Task<Answer> ImpactAsync(Views views, string query) =>
        (await views.Api.GetAsync($"/v1/lineage/impact?{query}")).Expect(200);

    private static string[] Edges(Answer answer) =>
    [
        .. answer["edges"].EnumerateArray()
            .Select(e => $"{e.GetProperty("from").GetString()} {e.GetProperty("relation").GetString()} {e.GetProperty("to").GetString()}"),
    ];

    private static string?[] Nodes(Answer answer, string member) =>
        [.. answer[member].EnumerateArray().Select((JsonElement a) => a.GetProperty("node").GetString())];
}
