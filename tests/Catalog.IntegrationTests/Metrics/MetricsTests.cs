using System.Text.Json;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Metrics;

public sealed class MetricsTests(MeasuredServer server)
{
    private const string Duration = "catalog_serving_lookup_duration_seconds";

    [Fact]
    public async Task Lookups_are_counted_by_service_door_and_outcome()
    {
        var seen = await server.ScrapeAsync();

        Assert.Equal(1, seen.One($"{Duration}_count", server.Live, "door=json", "outcome=answered"));
        Assert.Equal(1, seen.One($"{Duration}_count", server.Live, "door=feast", "outcome=answered"));
        Assert.Equal(1, seen.One($"{Duration}_count", server.Live, "door=feast", "outcome=rejected"));
        Assert.Equal(1, seen.One($"{Duration}_count", "feature_service=none", "door=json", "outcome=answered"));
        Assert.Equal(1, seen.One($"{Duration}_bucket", server.Live, "door=json", "outcome=answered", "le=+Inf"));
        Assert.Contains(seen.Samples, s => s.Name == $"{Duration}_bucket" && s.Labels["le"] == "5E-05");
        Assert.InRange(seen.One($"{Duration}_sum", server.Live, "door=json", "outcome=answered"), 0, 30);
        Assert.Equal(0, seen.One("catalog_serving_refused_total", server.Live, "door=json"));
    }

    [Fact]
    public async Task Rows_are_counted_by_what_became_of_them_and_views_by_the_tier_that_answered()
    {
        var seen = await server.ScrapeAsync();

        Assert.Equal(3, seen.One("catalog_serving_rows_total", server.View, "status=present"));
        Assert.Equal(3, seen.One("catalog_serving_rows_total", server.View, "status=outside_max_age"));
        Assert.Equal(3, seen.One("catalog_serving_rows_total", server.View, "status=not_found"));
        Assert.Equal(3, seen.One("catalog_serving_tier_answers_total", server.View, "tier=memory"));
        Assert.Equal(0, seen.One("catalog_serving_tier_failures_total", "tier=offline", "reason=timeout"));
        Assert.Equal(0, seen.One("catalog_serving_tier_open", "tier=offline"));
    }

    [Fact]
    public async Task What_is_served_is_told_of_by_view()
    {
        var seen = await server.ScrapeAsync();

        Assert.Equal(2, seen.One("catalog_serving_generation_rows", server.View));
        Assert.InRange(seen.One("catalog_serving_generation_size_bytes", server.View), 4096, 65_536);
        Assert.Equal(2, seen.One("catalog_serving_overlay_rows", server.View));
        Assert.InRange(seen.One("catalog_serving_overlay_size_bytes", server.View), 1, 1 << 20);
        Assert.Equal(0, seen.One("catalog_serving_view_behind_seconds", server.View));
        Assert.InRange(
            seen.One("catalog_serving_view_freshness_seconds", server.View), TimeSpan.FromDays(20 * 365).TotalSeconds, double.MaxValue);
        Assert.InRange(seen.One("catalog_serving_snapshot_age_seconds"), 0, 10);
    }

    [Fact]
    public async Task Pushes_and_what_is_made_are_counted()
    {
        var seen = await server.ScrapeAsync();

        Assert.Equal(2, seen.One("catalog_serving_push_rows_total", server.View, "late=false"));
        Assert.Equal(1, seen.One("catalog_serving_push_rows_total", server.View, "late=true"));
        Assert.Equal(3, seen.One("catalog_serving_push_lag_seconds_count"));
        Assert.InRange(seen.One("catalog_serving_push_lag_seconds_sum"), 0, 60);
        Assert.Equal(2, seen.One("catalog_serving_materialization_rows_total", server.View));
        var node = $"catalog_node=feature-view:{server.Namespace}/last_landing";
        Assert.Equal(1, seen.One("catalog_serving_materialization_duration_seconds_count", node, "outcome=made"));
        Assert.Equal(1, seen.One("catalog_serving_materialization_duration_seconds_count", node, "outcome=refused"));
    }

    [Fact]
    public async Task The_load_is_told_as_a_signal_to_scale_by()
    {
        var seen = await server.ScrapeAsync();

        Assert.Equal(0, seen.One("catalog_serving_in_flight"));
        Assert.Equal(64 * Environment.ProcessorCount, seen.One("catalog_serving_limit"));
        Assert.InRange(seen.One("catalog_serving_load"), 0, 1);
    }

    [Fact]
    public async Task What_a_service_promises_is_measured_and_shown()
    {
        var seen = await server.ScrapeAsync();
        var api = await server.ApiAsync();

        foreach (var (objective, part) in new Dictionary<string, double> { ["availability"] = 0.95, ["latency"] = 0.99 })
        {
            var of = $"objective={objective}";
            Assert.Equal(2, seen.One("catalog_serving_slo_lookups_total", server.Live, of, "good=true"));
            Assert.Equal(0, seen.One("catalog_serving_slo_lookups_total", server.Live, of, "good=false"));
            Assert.Equal(part, seen.One("catalog_serving_slo_objective", server.Live, of));
            Assert.Equal(0, seen.One("catalog_serving_slo_burn_rate", server.Live, of, "window=1h"));
            Assert.Equal(1, seen.One("catalog_serving_slo_good", server.Live, of, "window=6h"));
        }

        Assert.Equal(30, seen.One("catalog_serving_slo_latency_target_seconds", server.Live));
        var levels = (await api.GetAsync($"/v1/feature-services/{server.Namespace}/live/levels")).Expect(200);
        Assert.Equal($"feature-service:{server.Namespace}/live@1", levels["service"].GetString());
        Assert.Equal(
            ["availability 6h 2 0", "latency 6h 2 0"],
            levels["objectives"].EnumerateArray().Select(objective => string.Join(
                ' ', new[] { objective.GetProperty("objective") }.Concat(
                    ((string[])["window", "lookups", "missed"]).Select(LongestWindow(objective).GetProperty)))));
        (await api.GetAsync($"/v1/feature-services/{server.Namespace}/none/levels")).ExpectProblem(404, "feature_service.not_found");
    }

    /// <summary>The one that still holds what this server was asked, however long ago that was in a run of all tests.</summary>
    private static JsonElement LongestWindow(JsonElement objective) => objective.GetProperty("windows").EnumerateArray().Last();

    [Fact]
    public async Task What_the_server_stands_on_is_measured_too()
    {
        var seen = await server.ScrapeAsync();

        Assert.NotEqual(0, seen.Sum("http_server_request_duration_seconds_count", "http_route=/get-online-features"));
        Assert.NotEqual(0, seen.Sum("catalog_access_decisions_total", "act=ReadData", "allowed=true"));
        Assert.NotEqual(0, seen.Sum("dotnet_gc_collections_total"));
        Assert.NotEqual(0, seen.Sum("db_client_connection_count"));
    }

    [Fact]
    public async Task Metrics_take_a_key_unless_the_server_is_told_that_they_do_not()
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Address, key: null);
        (await stranger.GetAsync("/metrics")).ExpectProblem(401, "access.unauthenticated");
        (await stranger.GetAsync("/Metrics")).ExpectProblem(401, "access.unauthenticated");

        await using var open = await FreshServer.StartAsync(o => o with { OpenMetrics = true });
        using var anybody = new Api(open.Server.Address, key: null);
        Assert.Contains("catalog_serving_limit", (await anybody.GetAsync("/metrics")).Expect(200).Text, StringComparison.Ordinal);
        (await anybody.GetAsync("/v1/whoami")).ExpectProblem(401, "access.unauthenticated");
    }
}
