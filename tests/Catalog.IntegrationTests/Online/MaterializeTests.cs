using System.Text.Json;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Online;

public sealed class MaterializeTests(ServerFixture server)
{
    [Fact]
    public async Task The_latest_row_of_each_key_is_served_once_it_was_materialised()
    {
        var (asked, trips) = await TripsAsync();
        using var _ = asked;
        Assert.Equal("NOT_FOUND", (await asked.DelaysAsync(trips, "last_landing", "delay", "ORD"))[0].Status);

        // Whoever materialises reads it back at once.
        var made = await asked.MaterializeAsync(
            new { node = $"feature-view:{trips.Latest.Namespace}/last_landing", asOf = At(hours: 100) });

        Assert.True(made.GetProperty("activated").GetBoolean());
        Assert.Equal(2, made.GetProperty("generations")[0].GetProperty("rows").GetInt64());
        var state = await ServedAsync(asked, trips, "last_landing", "delay", f => f.Status != "NOT_FOUND");

        // Three hours are long over: the value is there, and too old to be used.
        Assert.Equal(("OUTSIDE_MAX_AGE", null), state[0]);
        Assert.Equal("NOT_FOUND", state[1].Status);
    }

    [Fact]
    public async Task Windows_are_those_of_the_point_in_time_join()
    {
        var (asked, trips) = await TripsAsync();
        using var _ = asked;
        var row = Departures.All.Last(d => d.Airport == "ORD");

        await asked.MaterializeAsync(
            new { node = $"feature-view:{trips.View.Namespace}/airport_delays", asOf = new DateTimeOffset(row.Left) });

        var served = await ServedAsync(asked, trips, "airport_delays", "delay_mean_7d", f => f.Status == "PRESENT");
        var made = await trips.Catalog.TrainingSets.CreateAsync(
            trips.Set, trips.Spec() with { Rows = trips.Spec().Rows with { Filter = $"id = {row.Id}" } });
        await using var columns = await (await trips.Catalog.Datasets.ReadAsync(trips.Set, "latest")).OpenColumnsAsync();
        double? wanted = null;
        await foreach (var batch in columns.BatchesAsync())
            wanted = ((Apache.Arrow.DoubleArray)batch.Column(batch.Schema.GetFieldIndex("delay_mean_7d"))).GetValue(0);
        Assert.Equal(1, made.Rows["rows"]);
        Assert.Equal(wanted, served[0].Value);
    }

    [Fact]
    public async Task What_came_on_top_is_all_that_is_read_the_next_time()
    {
        var (asked, trips) = await TripsAsync();
        using var _ = asked;
        var node = $"feature-view:{trips.Latest.Namespace}/last_landing";
        var first = await asked.MaterializeAsync(new { node });

        var again = await asked.MaterializeAsync(new { node });

        Assert.False(again.GetProperty("changed").GetBoolean());
        Assert.Equal(Id(first), Id(again));
        var full = await asked.MaterializeAsync(new { node, full = true });
        Assert.True(full.GetProperty("changed").GetBoolean());
        Assert.NotEqual(Id(first), Id(full));
    }

    [Fact]
    public async Task Pushed_rows_are_served_at_once_and_late_ones_never_win()
    {
        var (asked, trips) = await TripsAsync();
        using var _ = asked;
        await asked.MaterializeAsync(new { node = $"feature-view:{trips.Latest.Namespace}/last_landing" });
        var now = TimeProvider.System.GetUtcNow();

        var (status, pushed) = await asked.PushAsync(trips, Row("ORD", now.AddMinutes(-5), 1.5), Row("NEW", now.AddMinutes(-9), 7));
        await asked.PushAsync(trips, Row("ORD", now.AddMinutes(-30), 99));

        Assert.Equal((200, 2), (status, pushed.GetProperty("rows").GetInt32()));
        Assert.Equal(
            [("PRESENT", 1.5), ("PRESENT", 7), ("NOT_FOUND", null)],
            await asked.DelaysAsync(trips, "last_landing", "delay", "ORD", "NEW", "XXX"));
        var folded = await asked.MaterializeAsync(new { node = $"feature-view:{trips.Latest.Namespace}/last_landing" });

        // Every value has a dataset version behind it from then on.
        var sources = folded.GetProperty("generations")[0].GetProperty("sources").EnumerateArray().Select(s => s.GetString());
        Assert.Contains($"dataset:{trips.Latest.Namespace}/last_landing.pushed@1", sources);
        Assert.Equal(
            [("PRESENT", 1.5), ("PRESENT", 7), ("NOT_FOUND", null)],
            await asked.DelaysAsync(trips, "last_landing", "delay", "ORD", "NEW", "XXX"));
        Assert.Equal(JsonValueKind.String, folded.GetProperty("generations")[0].GetProperty("base").ValueKind);
    }

    [Fact]
    public async Task A_rollback_serves_what_was_served_before()
    {
        var (asked, trips) = await TripsAsync();
        using var _ = asked;
        var node = $"feature-view:{trips.View.Namespace}/airport_delays";
        await asked.MaterializeAsync(new { node, asOf = At(100) });
        var before = await ServedAsync(asked, trips, "airport_delays", "delay_mean_7d", f => f.Status == "PRESENT");
        await asked.MaterializeAsync(new { node, asOf = At(200) });
        await ServedAsync(asked, trips, "airport_delays", "delay_mean_7d", f => f.Value != before[0].Value);

        await asked.PostAsync("v1/feature-generations/rollback", new { node });

        await ServedAsync(asked, trips, "airport_delays", "delay_mean_7d", f => f.Value == before[0].Value);
    }

    [Fact]
    public async Task The_same_windows_at_the_same_moment_are_not_made_again()
    {
        var (asked, trips) = await TripsAsync();
        using var _ = asked;
        var node = $"feature-view:{trips.View.Namespace}/airport_delays";
        var first = await asked.MaterializeAsync(new { node, asOf = At(100) });

        var again = await asked.MaterializeAsync(new { node, asOf = At(100) });
        var later = await asked.MaterializeAsync(new { node, asOf = At(101) });

        Assert.Equal((Id(first), false), (Id(again), again.GetProperty("changed").GetBoolean()));
        Assert.NotEqual(Id(first), Id(later));
    }

    [Theory]
    [InlineData("airport_delays")]
    [InlineData("last_landing")]
    public async Task A_generation_is_what_the_point_in_time_join_says(string view)
    {
        var (asked, trips) = await TripsAsync();
        using var _ = asked;
        var now = TimeProvider.System.GetUtcNow();
        if (view == "last_landing")
            await asked.PushAsync(trips, Row("ORD", new DateTimeOffset(Departures.Start), 1), Row("NEW", now.AddMinutes(-9), 7));
        var made = await asked.MaterializeAsync(new { node = $"feature-view:{trips.View.Namespace}/{view}", asOf = At(300) });

        var (status, verified) = await asked.PostAsync($"v1/{Id(made)?.Replace("generation:", "feature-generations/")}/verify", new { });

        Assert.True(status == 200, verified.ToString());
        Assert.True(verified.GetProperty("verified").GetBoolean(), verified.ToString());
        Assert.Equal(2, verified.GetProperty("rows").GetInt64());
    }

    [Fact]
    public async Task A_value_is_explained_down_to_the_rows_of_files()
    {
        var (asked, trips) = await TripsAsync();
        using var _ = asked;
        var node = $"feature-view:{trips.Latest.Namespace}/last_landing";
        var made = await asked.MaterializeAsync(new { node });
        var before = TimeProvider.System.GetUtcNow();
        await asked.PushAsync(trips, Row("ORD", before.AddMinutes(-1), 3.5));

        var (_, now) = await ExplainAsync(asked, trips, new { keys = new { airport = "ORD" } });
        var (_, then) = await ExplainAsync(asked, trips, new { keys = new { airport = "ORD" }, at = before });

        Assert.Equal(("push", 3.5), (From(now), Value(now)));
        Assert.Equal("generation", From(then));
        Assert.Equal(Id(made), then.GetProperty("generation").GetString());
        Assert.Equal($"dataset:{trips.Events.Namespace}/landings@1", then.GetProperty("served").GetProperty("origin").GetString());
        var last = Departures.AllLandings.Select((l, i) => (l, i)).Last(l => l.l.Airport == "ORD");
        var origin = then.GetProperty("sources")[0].GetProperty("events")[0];
        Assert.Equal(last.i, origin.GetProperty("row").GetInt64());
        Assert.Equal(last.l.Delay, Value(then));
        Assert.Equal(1, now.GetProperty("pushed").GetArrayLength());
        Assert.Equal(0, then.GetProperty("pushed").GetArrayLength());
    }

    [Fact]
    public async Task Wrong_rows_are_refused_by_their_field_and_none_is_stored()
    {
        var (asked, trips) = await TripsAsync();
        using var _ = asked;
        var now = TimeProvider.System.GetUtcNow();

        var (late, ahead) = await asked.PushAsync(trips, Row("ORD", now, 1), Row("JFK", now.AddHours(1), 1));
        var (computed, windows) = await asked.PostAsync(
            $"v1/feature-views/{trips.View.Namespace}/airport_delays/versions/latest/push", new { rows = new[] { Row("ORD", now, 1) } });

        var (status, explained) = await ExplainAsync(asked, trips, new { keys = new { airport = 7 } });

        Assert.Equal(400, status);
        Assert.True(explained.GetProperty("errors").TryGetProperty("keys.airport", out var _), explained.ToString());
        Assert.Equal(400, late);
        Assert.Contains("rows[1].eventTime", ahead.ToString(), StringComparison.Ordinal);
        Assert.Equal((422, "serving.computed"), (computed, windows.GetProperty("code").GetString()));
        Assert.Equal("NOT_FOUND", (await asked.DelaysAsync(trips, "last_landing", "delay", "ORD"))[0].Status);
    }

    private static Task<(int Status, JsonElement Body)> ExplainAsync(Asked asked, Departures trips, object body) =>
        asked.PostAsync($"v1/feature-views/{trips.Latest.Namespace}/last_landing/versions/1/explain", body);

    private static string? From(JsonElement explained) => explained.GetProperty("served").GetProperty("from").GetString();

    private static double Value(JsonElement explained) =>
        explained.GetProperty("served").GetProperty("values").GetProperty("delay").GetDouble();

    private static DateTimeOffset At(int hours) => new(Departures.Start.AddHours(hours));

    private static string? Id(JsonElement made) => made.GetProperty("generations")[0].GetProperty("generation").GetString();

    private static object Row(string airport, DateTimeOffset at, double delay) =>
        new { keys = new { airport }, eventTime = at, features = new { delay } };

    private static async Task<IReadOnlyList<(string Status, double? Value)>> ServedAsync(
        Asked asked, Departures trips, string view, string feature, Func<(string Status, double? Value), bool> isSo)
    {
        IReadOnlyList<(string Status, double? Value)> found = [];
        await Eventually.True(async () => isSo((found = await asked.DelaysAsync(trips, view, feature, "ORD", "XXX"))[0]), "served");
        return found;
    }

    private async Task<(Asked Asked, Departures Trips)> TripsAsync()
    {
        var api = await server.ApiAsync();
        return (
            Asked.At(server.Server, api.Key ?? ""), await Departures.RegisterAsync(server.Server, api.Key ?? "", server.NewFolder()));
    }
}
