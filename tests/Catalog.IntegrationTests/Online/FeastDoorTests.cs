using System.Text;
using System.Text.Json;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;

namespace Catalog.IntegrationTests.Online;

/// <summary>What Feast's clients send over HTTP, byte for byte as they send it, and what they get.</summary>
public sealed class FeastDoorTests(ServerFixture server)
{
    private const string Epoch = "1970-01-01T00:00:00Z";

    [Fact]
    public async Task What_was_written_is_read_back_in_the_shape_that_clients_parse()
    {
        var (api, view) = await ViewAsync();
        var at = Moment();
        var written = await PostAsync(
            api, "/write-to-online-store",
            $$$"""
            {"feature_view_name":"{{{view}}}","df":{"airport":["ATL","用户"],"delay":[1.0,1e-7],"event_timestamp":["{{{at}}}","{{{at}}}"],
             "created":["{{{at}}}",null]},"allow_registry_cache":false}
            """);
        Assert.Equal((200, "null"), (written.Code, written.Text));

        var read = await PostAsync(
            api, "/get-online-features",
            $$$"""
            {"features":["{{{view}}}:delay"],"entities":{"airport":["ATL","\u7528\u6237","JFK",null]},"full_feature_names":false,
             "include_feature_view_version_metadata":false}
            """);
        Assert.Equal(
            OneLine($$$"""
            {"results":[
            {"values":["ATL","用户","JFK",null],"statuses":["PRESENT","PRESENT","PRESENT","PRESENT"],
            "event_timestamps":["{{{Epoch}}}","{{{Epoch}}}","{{{Epoch}}}","{{{Epoch}}}"]},
            {"values":[1.0,1e-07,null,null],"statuses":["PRESENT","PRESENT","NOT_FOUND","NOT_FOUND"],
            "event_timestamps":["{{{at}}}Z","{{{at}}}Z","{{{Epoch}}}","{{{Epoch}}}"]}],
            "metadata":{"feature_names":["airport","delay"]}}
            """),
            read.Expect(200).Text);
        Assert.Equal("application/json", read.ContentType);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json")]
    public async Task The_body_counts_and_not_what_its_content_type_says(string? contentType)
    {
        var (api, view) = await ViewAsync();
        var body = $$$"""{"features":["{{{view}}}:delay"],"entities":{"airport":["ATL"]}}""";
        var read = await PostAsync(api, "/get-online-features", body, contentType);
        Assert.Equal("NOT_FOUND", read.Expect(200)["results"][1].GetProperty("statuses")[0].GetString());
    }

    [Fact]
    public async Task A_push_source_is_the_view_that_it_feeds_and_other_columns_are_passed_over()
    {
        var (api, view) = await ViewAsync();
        var (ns, name) = (view.Split('/')[0], view.Split('/')[1]);
        var pushed = await PostAsync(
            api, $"/push?project={ns}",
            $$$"""
            {"push_source_name":"{{{name}}}","to":"online",
             "df":{"at":["ATL"],"delay":[7],"carrier":["DL"],"landed":["{{{Moment()}}}"]}}
            """);
        Assert.Equal((200, ""), (pushed.Code, pushed.Text));

        var body = $$$"""{"features":["{{{name}}}:delay"],"entities":{"airport":["ATL"]},"full_feature_names":true}""";
        var read = await api.PostAsync("/get-online-features", body, ("Catalog-Namespace", ns));
        Assert.Equal(7.0, read.Expect(200)["results"][1].GetProperty("values")[0].GetDouble());
        Assert.Equal($"{name}__delay", read["metadata"].GetProperty("feature_names")[1].GetString());

        var offline = await PostAsync(api, "/push", $$$"""{"push_source_name":"{{{view}}}","df":{},"to":"offline"}""");
        Assert.Contains("'to' must be", ErrorOf(offline, 422).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_is_materialised_up_to_a_moment()
    {
        var (api, view) = await ViewAsync();
        var made = await PostAsync(
            api, "/materialize-incremental", $$$"""{"end_ts":"2001-01-05T00:00:00","feature_views":["{{{view}}}"]}""");
        Assert.Equal((200, "null"), (made.Code, made.Text));
        var again = await PostAsync(
            api, "/materialize?async=true",
            $$$"""{"start_ts":"2001-01-01T00:00:00","end_ts":"2001-01-06T00:00:00","feature_views":["{{{view}}}"]}""");
        Assert.Equal("accepted", again.Expect(202)["status"].GetString());
        await Eventually.True(
            async () => (await StatusAsync(api, view, "ORD")) == "OUTSIDE_MAX_AGE", "the generation is served, and older than it may be");
    }

    [Fact]
    public async Task Errors_are_those_that_the_client_makes_exceptions_of()
    {
        var (api, view) = await ViewAsync();
        var missing = ErrorOf(await PostAsync(api, "/get-online-features", """{"features":["none:x"],"entities":{}}"""), 404);
        Assert.Equal("feast.errors", missing.GetProperty("module").GetString());
        Assert.Equal("FeatureViewNotFoundException", missing.GetProperty("class").GetString());
        var service = ErrorOf(await PostAsync(api, "/get-online-features", """{"feature_service":"none","entities":{}}"""), 404);
        Assert.Equal("FeatureServiceNotFoundException", service.GetProperty("class").GetString());

        var old = await PostAsync(api, "/get-online-features", $$$"""{"features":["{{{view}}}:delay"],"entities":{}}""");
        Assert.Contains("'airport' must be given", ErrorOf(old, 422).GetProperty("message").GetString(), StringComparison.Ordinal);
        ErrorOf(await PostAsync(api, "/get-online-features", "{"), 422);
        ErrorOf(await PostAsync(api, "/get-online-features", $$$"""{"features":["{{{view}}}:delay"],"entities":{"airport":[1]}}"""), 422);
        var many = string.Join(',', Enumerable.Repeat("\"A\"", 10_001));
        var large = $$$"""{"features":["{{{view}}}:delay"],"entities":{"airport":[{{{many}}}]}}""";
        ErrorOf(await PostAsync(api, "/get-online-features", large), 413);
    }

    [Fact]
    public async Task Nobody_reads_or_writes_without_a_key_and_a_reader_only_reads()
    {
        var (_, view) = await ViewAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        string[] paths = ["/get-online-features", "/push", "/write-to-online-store", "/materialize", "/Materialize-Incremental", "/push/"];
        foreach (var path in paths)
            Assert.Equal("FeastError", ErrorOf(await PostAsync(stranger, path, "{}"), 401).GetProperty("class").GetString());
        Assert.Equal(200, (await stranger.GetAsync("/health")).Code);

        var (reader, _) = await server.ApiAsync("reader");
        Assert.Equal("NOT_FOUND", await StatusAsync(reader, view, "ATL"));
        var push = $$$"""{"push_source_name":"{{{view}}}","df":{"airport":["A"],"delay":[1],"event_timestamp":["{{{Moment()}}}"]}}""";
        Assert.Equal("FeastPermissionError", ErrorOf(await PostAsync(reader, "/push", push), 403).GetProperty("class").GetString());
        var materialize = $$$"""{"end_ts":null,"feature_views":["{{{view}}}"]}""";
        ErrorOf(await PostAsync(reader, "/materialize", materialize), 403);
    }

    private static string OneLine(string text) => text.Replace("\n", "", StringComparison.Ordinal);

    /// <summary>An error is a string of JSON that holds JSON.</summary>
    private static JsonElement ErrorOf(Answer answer, int status) =>
        JsonDocument.Parse(answer.Expect(status).Json.GetString() ?? "").RootElement;

    private static async Task<string?> StatusAsync(Api api, string view, string airport)
    {
        var body = $$$"""{"features":["{{{view}}}:delay"],"entities":{"airport":["{{{airport}}}"]}}""";
        var read = await PostAsync(api, "/get-online-features", body);
        return read.Expect(200)["results"][1].GetProperty("statuses")[0].GetString();
    }

    private static Task<Answer> PostAsync(Api api, string path, string body, string? contentType = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return api.PostAsync(path, content);
    }

    /// <summary>A little ago, to the second: as naive UTC, which clients write.</summary>
    private static string Moment() =>
        TimeProvider.System.GetUtcNow().AddMinutes(-1).ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<(Api Api, string View)> ViewAsync()
    {
        var api = await server.ApiAsync();
        var trips = await Departures.RegisterAsync(server.Server, api.Key ?? "", server.NewFolder());
        var view = $"{trips.Latest.Namespace}/{trips.Latest.Name}";
        await Eventually.True(
            async () => (await PostAsync(
                api, "/get-online-features", $$$"""{"features":["{{{view}}}:delay"],"entities":{"airport":["ATL"]}}""")).Code == 200,
            "the view is served");
        return (api, view);
    }
}
