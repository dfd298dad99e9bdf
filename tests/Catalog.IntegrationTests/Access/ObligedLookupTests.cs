using System.Text.Json;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using static Catalog.IntegrationTests.Access.GovernedViews;

namespace Catalog.IntegrationTests.Access;

/// <summary>Features as they are looked up by somebody whom a policy shows less, by every door and from every tier.</summary>
public sealed class ObligedLookupTests(GovernedViews views) : IClassFixture<GovernedViews>
{
    private static readonly long[] s_all = [1, 2, 3, 4, 5, 6, 7];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Doors => [.. LookupDoors.All];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task A_value_shows_what_it_shows_in_a_read_of_its_column_from_whichever_tier_and_pushed_or_not(string door)
    {
        var who = await views.SomebodyAsync("reader", Mask("tail", "hash"), Mask("delay", "bucket"), Filter("region = 'eu'"));
        var columns = await ColumnsAsync(who);
        Assert.Equal([1L, 3L], columns.Keys.Order());

        foreach (var tier in ServedTiers)
        {
            var told = await new LookupDoors(views, who).AskAsync(door, tier, s_all);

            // The third was pushed to another region since, and the fifth is like the first.
            Assert.Equal([columns[1], null, null, null, columns[1], null, null], told.Rows);
            Assert.Equal("tail=hash, delay=bucket", told.Masked);
            Assert.NotEqual(false, told.IsFiltered);
        }
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Without_a_policy_values_are_what_they_are_and_nothing_is_said_of_masks(string door)
    {
        var who = await views.SomebodyAsync("reader");
        foreach (var tier in ServedTiers)
        {
            var told = await new LookupDoors(views, who).AskAsync(door, tier, s_all);
            Assert.Equal(
                [("N101AA", 17), ("N202BB", -3), ("N303CC", 26), ("N404DD", 8), ("N101AA", 17), ("N606FF", 5), null], told.Rows);
            Assert.Equal("", told.Masked);
            Assert.NotEqual(true, told.IsFiltered);
        }
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task What_does_not_fit_a_type_shows_null_and_says_so(string door)
    {
        var who = await views.SomebodyAsync("reader", Mask("tail", "year"), Mask("delay", "lastFour"));
        var told = await new LookupDoors(views, who).AskAsync(door, "memory", 1, 7);
        Assert.Equal([(null, null), null], told.Rows);
        Assert.Equal("tail=null, delay=null", told.Masked);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Nothing_is_looked_up_by_a_masked_key_nor_where_a_filter_does_not_fit(string door)
    {
        var byKey = new LookupDoors(views, await views.SomebodyAsync("reader", Mask("id", "hash")));
        var byAll = new LookupDoors(views, await views.SomebodyAsync("reader", new { effect = "mask", mask = "redact" }));
        var unfit = new LookupDoors(views, await views.SomebodyAsync("reader", Filter("airport = 'JFK'")));

        Assert.Contains("access.masked_column", Code(await byKey.RefusalAsync(door, "redis", 1)), StringComparison.Ordinal);
        Assert.Contains("access.masked_column", Code(await byAll.RefusalAsync(door, "memory", 1)), StringComparison.Ordinal);
        Assert.Contains("access.denied", Code(await unfit.RefusalAsync(door, "offline", 1)), StringComparison.Ordinal);
        Assert.DoesNotContain("JFK", await unfit.RefusalAsync(door, "memory", 1), StringComparison.Ordinal);

        // Feast has no place for codes: its words tell which it was.
        static string Code(string? refusal) =>
            refusal is null ? ""
            : refusal.Contains("nothing can be looked up by it", StringComparison.Ordinal) ? "access.masked_column"
            : refusal.Contains("no row is shown", StringComparison.Ordinal) ? "access.denied"
            : refusal;
    }

    [Fact]
    public async Task A_service_masks_each_view_by_what_is_said_of_it()
    {
        var who = await views.SomebodyAsync("reader", new
        {
            effect = "mask",
            columns = new[] { "tail" },
            mask = "redact",
            resources = new[] { views.View("redis").ToString() },
        });
        using var catalog = views.Client(who);

        var rows = await catalog.Features.Online.ReadAsync(views.Service, new FeatureKeys().Add("id", [1L]), ct: Ct);

        Assert.Equal(["N101AA", "REDACTED", "N101AA"], ServedTiers.Select(t => rows[0].Get<string>($"{t}__tail")));
        Assert.Equal([null, "redact", null], ServedTiers.Select(t => rows[$"{t}__tail"].Mask));
    }

    [Fact]
    public async Task A_tag_of_a_column_is_the_features_and_the_keys_that_are_made_of_it()
    {
        var (tag, key) = (New.Name("personal"), New.Name("secret"));
        var table = $"/v1/datasets/{views.Namespace}/planes";
        var who = await views.SomebodyAsync(
            "reader", new { effect = "mask", tags = tag, mask = "lastFour" }, new { effect = "mask", tags = key, mask = "hash" });
        var doors = new LookupDoors(views, who);

        var tagged = (await views.Fresh.Api.PutAsync($"{table}/columns/tail/tags/{tag}")).Expect(200);
        Assert.Equal([("**01AA", 17)], (await doors.AskAsync("sdk", "offline", 1)).Rows);
        (await views.Fresh.Api.DeleteAsync($"{table}/columns/tail/tags/{tag}")).Expect(200);
        Assert.Equal([("N101AA", 17)], (await doors.AskAsync("sdk", "offline", 1)).Rows);

        (await views.Fresh.Api.PutAsync($"{table}/columns/id/tags/{key}")).Expect(200);
        Assert.Equal("access.masked_column", await doors.RefusalAsync("compact", "memory", 1));
        (await views.Fresh.Api.DeleteAsync($"{table}/columns/id/tags/{key}")).Expect(200);
        Assert.Null(await doors.RefusalAsync("compact", "memory", 1));
        Assert.True(tagged.Position > 0);
    }

    [Fact]
    public async Task An_explanation_shows_what_a_lookup_does_and_no_events_of_rows_that_may_not_be_seen()
    {
        using var masked = views.Client(await views.SomebodyAsync("reader", Mask("tail", "hash"), Mask("delay", "bucket")));
        using var filtered = views.Client(await views.SomebodyAsync("reader", Filter("region = 'eu'")));
        using var byKey = views.Client(await views.SomebodyAsync("reader", Mask("id", "null")));
        var view = new QualifiedName(views.Namespace, "memory");

        var shown = await masked.Features.ExplainAsync(view, FeatureKeys.Of(("id", 3L)), ct: Ct);
        Assert.Equal(["delay=bucket", "tail=hash"], shown.Masked?.Select(m => $"{m.Key}={m.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(("push", 20), (shown.Served?.From, shown.Served?.Values["delay"].GetInt32()));
        Assert.Equal(64, shown.Served?.Values["tail"].GetString()?.Length);
        Assert.Equal(20, Assert.Single(shown.Pushed).Values["delay"].GetInt32());
        Assert.Equal(1, Assert.Single(shown.Sources).Count);

        var hidden = await filtered.Features.ExplainAsync(view, FeatureKeys.Of(("id", 3L)), ct: Ct);
        Assert.True(hidden.Filtered);
        Assert.Null(hidden.Served);
        Assert.Empty(hidden.Pushed);
        Assert.Empty(hidden.Sources);
        var seen = await filtered.Features.ExplainAsync(view, FeatureKeys.Of(("id", 1L)), ct: Ct);
        Assert.Equal("N101AA", seen.Served?.Values["tail"].GetString());
        Assert.Empty(seen.Sources);

        await RefusedAsync("access.masked_column", () => byKey.Features.ExplainAsync(view, FeatureKeys.Of(("id", 1L)), ct: Ct));
    }

    [Fact]
    public async Task Events_of_a_key_are_not_told_where_rows_of_their_source_are_left_out_or_their_times_masked()
    {
        var source = new[] { views.Table.ToString() };
        using var filtered = views.Client(await views.SomebodyAsync(
            "reader", new { effect = "filter", rows = "delay > 10", resources = source }));
        using var timeless = views.Client(await views.SomebodyAsync(
            "reader", new { effect = "mask", columns = new[] { "at" }, mask = "null", resources = source }));
        using var masked = views.Client(await views.SomebodyAsync(
            "reader", new { effect = "mask", columns = new[] { "tail" }, mask = "null", resources = source }));
        var (view, key) = (new QualifiedName(views.Namespace, "memory"), FeatureKeys.Of(("id", 1L)));

        await RefusedAsync("access.obliged", () => filtered.Features.ExplainAsync(view, key, ct: Ct));
        await RefusedAsync("access.masked_column", () => timeless.Features.ExplainAsync(view, key, ct: Ct));
        Assert.Equal(1, Assert.Single((await masked.Features.ExplainAsync(view, key, ct: Ct)).Sources).Count);
    }

    [Fact]
    public async Task What_is_handed_out_whole_stays_refused()
    {
        foreach (var statement in new[] { Mask("tail", "hash"), Filter("region = 'eu'") })
        {
            var who = await views.SomebodyAsync("writer", statement);
            using var catalog = views.Client(who);
            var served = await catalog.Features.Generations.ListAsync(new(views.Namespace, "memory"), ct: Ct).FirstAsync(Ct);
            var generation = Guid.Parse(served.Node.Name);

            (await who.GetAsync($"/v1/feature-generations/{generation}/content")).ExpectProblem(403, "access.obliged");
            (await who.PostAsync("/v1/features/locate", new { features = new[] { $"{views.Namespace}/memory:delay" } }))
                .ExpectProblem(403, "access.obliged");
            await RefusedAsync("access.obliged", () => catalog.Features.Online.MapAsync([$"{views.Namespace}/memory:delay"], ct: Ct));
            await RefusedAsync("access.obliged", () => catalog.Features.Generations.VerifyAsync(generation, Ct));
        }
    }

    [Fact]
    public async Task Who_pushes_learns_nothing_of_what_is_masked_and_is_asked_about_by_tags_and_denies()
    {
        var who = await views.SomebodyAsync("writer", Mask("tail", "null"), Filter("region = 'eu'"));
        var path = $"/v1/feature-views/{views.Namespace}/offline/versions/latest/push";
        object Row(object features) => new
        {
            rows = new[] { new { keys = new { id = 2 }, eventTime = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero), features } },
        };

        // Older than what is served, which it therefore does not change; and wrong.
        var pushed = (await who.PostAsync(path, Row(new { tail = "N999ZZ", region = "us" }))).Expect(200);
        var wrong = (await who.PostAsync(path, Row(new { tail = 5 }))).Expect(400);
        Assert.Equal(["pushPosition", "rows", "view"], pushed.Json.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        foreach (var answer in (Answer[])[pushed, wrong])
            Assert.DoesNotContain("N202BB", answer.Text, StringComparison.Ordinal);
        Assert.Equal([null], (await new LookupDoors(views, who).AskAsync("sdk", "offline", 2)).Rows);

        var tag = New.Name("frozen");
        var denied = await views.SomebodyAsync("writer", new { effect = "deny", actions = new[] { "commit" }, tags = tag });
        (await denied.PostAsync(path, Row(new { tail = "N999ZZ" }))).Expect(200);
        var view = $"/v1/feature-views/{views.Namespace}/offline/tags/{tag}";
        (await views.Fresh.Api.PutAsync(view)).Expect(200);
        (await denied.PostAsync(path, Row(new { tail = "N999ZZ" }))).ExpectProblem(403, "access.denied");
        Assert.Equal(403, (await denied.PostAsync("/push", new
        {
            push_source_name = $"{views.Namespace}/offline",
            df = new { id = new[] { 2 }, tail = new[] { "N999ZZ" }, event_timestamp = new[] { "2025-01-01T00:00:00Z" } },
        })).Code);
        (await views.Fresh.Api.DeleteAsync(view)).Expect(200);
    }

    [Fact]
    public async Task What_was_decided_with_masked_values_is_handed_back_as_it_was_answered()
    {
        var who = await views.SomebodyAsync("reader", Filter("region = 'eu'"));
        var answer = (await who.PostAsync("/v1/features/read", new
        {
            keys = new { id = new[] { 1, 2 } },
            features = new[] { $"{views.Namespace}/memory:tail" },
            receipt = true,
        })).Expect(200);

        Assert.Equal("notFound", answer["columns"][0].GetProperty("statuses")[1].GetString());
        Assert.Equal(JsonValueKind.Null, answer["views"][0].GetProperty("origins")[1].ValueKind);
        Assert.True(answer["views"][0].GetProperty("filtered").GetBoolean());
        var unknown = await views.Fresh.Api.PostAsync("/v1/predictions", new
        {
            predictions = new[]
            {
                new
                {
                    requestId = "1",
                    model = NodeId.Model(views.Namespace, "none", "1").ToString(),
                    keys = new { id = 1 },
                    output = 1,
                    receipt = new { views = answer["views"], stale = false },
                },
            },
        });
        Assert.NotEqual("request.malformed", unknown.Problem);
        Assert.DoesNotContain("filtered", unknown.Text, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync<T>(string code, Func<Task<T>> call) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<CatalogException>(call)).Code);

    /// <summary>Tail and delay as a read of the table shows them, by id.</summary>
    private async Task<Dictionary<long, (string? Tail, int? Delay)?>> ColumnsAsync(Api who)
    {
        using var catalog = views.Client(who);
        var version = await catalog.Datasets.ReadAsync(views.Table.WithVersion(1));
        await using var stream = await version.OpenColumnsAsync(new ColumnQuery { Columns = ["id", "tail", "delay"] });
        var rows = new Dictionary<long, (string?, int?)?>();
        await foreach (var next in stream.BatchesAsync())
        {
            using var batch = next;
            for (var row = 0; row < batch.Length; row++)
            {
                string?[] cells = [.. batch.Arrays.Select(a => Cli.Printing.ArrowText.Of(a, row))];
                rows[long.Parse(cells[0] ?? "")] = (cells[1], int.Parse(cells[2] ?? ""));
            }
        }

        return rows;
    }
}
