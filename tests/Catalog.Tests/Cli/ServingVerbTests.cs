using System.Net;
using Catalog.Tests.Storage;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class ServingVerbTests : IDisposable
{
    private const string Generation = "019a8f10-3c44-7b02-8d55-6a1f0b3c9e21";

    private const string View =
        """
        {"node":"feature-view:demo/v@1","hash":"abc","active":"019a8f10-3c44-7b02-8d55-6a1f0b3c9e21","definedAt":"2026-11-26T08:00:00Z",
         "definition":{"entities":[{"name":"e","keys":[
         {"name":"hour","type":"int32","column":"h"},{"name":"at","type":"string","column":"a"}]}],
         "source":{"dataset":"dataset:demo/d","eventTime":"t"},
         "features":[{"name":"late","type":"bool"},{"name":"delay","type":"float64"},{"name":"last","type":"list(int64)"}]}}
        """;

    private const string Made =
        """
        {"generations":[{"view":"feature-view:demo/v@1","generation":"generation:019a8f10-3c44-7b02-8d55-6a1f0b3c9e21",
         "sources":["dataset:demo/d@3"],"asOf":"2026-11-26T08:00:00Z","rows":1200,"bytes":99,"base":null,"changed":true}],
         "changed":true,"activated":true,"notActivated":null,"run":null,"position":7}
        """;

    private readonly TempFolder _folder = new();
    private readonly CommandLine _line = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("demo/v", "feature-view:demo/v")]
    [InlineData("view:demo/v@2", "feature-view:demo/v@2")]
    [InlineData("service:demo/live", "feature-service:demo/live")]
    [InlineData("feature-service:demo/live@1", "feature-service:demo/live@1")]
    public async Task A_view_or_service_is_materialised(string said, string node)
    {
        _line.Server.Then(HttpStatusCode.OK, Made);

        Assert.Equal(0, await _line.RunAsync("feature", "materialize", said, "--from", "3", "--full"));

        Assert.Equal("/v1/feature-generations", _line.Server.Requests[0].Target);
        Assert.Equal($$"""{"node":"{{node}}","from":"3","full":true,"activate":true}""", _line.Server.Requests[0].Body);
        Assert.StartsWith($"feature-view:demo/v@1\tgeneration:{Generation}\tserves\t1200\t99\t", _line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_made_and_does_not_serve_ends_with_a_code_and_a_reason()
    {
        var idle = Made.Replace("\"activated\":true,\"notActivated\":null", "\"activated\":false,\"notActivated\":\"Overtaken.\"",
            StringComparison.Ordinal);
        _line.Server.Then(HttpStatusCode.OK, idle).Then(HttpStatusCode.OK, idle);

        Assert.Equal(1, await _line.RunAsync("feature", "materialize", "demo/v"));
        Assert.Contains("Overtaken.", _line.Error, StringComparison.Ordinal);

        Assert.Equal(0, await _line.RunAsync("feature", "materialize", "demo/v", "--no-activate"));
        Assert.Empty(_line.Error);
        Assert.Contains("\"activate\":false", _line.Server.Requests[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_serves_a_view_is_verified_and_differences_end_with_a_code()
    {
        const string Differs =
            """
            {"generation":"generation:019a8f10-3c44-7b02-8d55-6a1f0b3c9e21","view":"feature-view:demo/v@1","verified":false,"rows":3,
             "missing":1,"extra":0,"values":1,"differences":[
             {"keys":{"hour":7},"features":["delay"],"expected":{"delay":1.5},"found":{"delay":null}},
             {"keys":{"hour":8},"features":[],"expected":{"delay":2},"found":null}]}
            """;
        _line.Server.Then(HttpStatusCode.OK, View).Then(HttpStatusCode.OK, Differs).Then(HttpStatusCode.OK, Differs);

        Assert.Equal(1, await _line.RunAsync("feature", "verify", "demo/v"));
        Assert.Equal(1, await _line.RunAsync("feature", "verify", $"generation:{Generation}"));

        Assert.Equal($"/v1/feature-generations/{Generation}/verify", _line.Server.Requests[1].Target);
        Assert.Equal(_line.Server.Requests[1].Target, _line.Server.Requests[2].Target);
        Assert.Contains("difference\thour=7: delay is nothing, and should be 1.5", _line.Out, StringComparison.Ordinal);
        Assert.Contains("difference\thour=8: there is no row", _line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_that_nothing_serves_cannot_be_verified()
    {
        _line.Server.Then(HttpStatusCode.OK, View.Replace($"\"{Generation}\"", "null", StringComparison.Ordinal));

        Assert.Equal(1, await _line.RunAsync("feature", "verify", "demo/v"));

        Assert.Contains("materialise it (feature_generation.not_found)", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_are_read_by_the_types_of_the_view()
    {
        _line.Server.Then(HttpStatusCode.OK, View)
            .Then(HttpStatusCode.OK, """{"view":"feature-view:demo/v@1","rows":1,"pushPosition":9}""");

        Assert.Equal(0, await _line.RunAsync(
            "feature", "push", "demo/v", "--key", "hour=7", "at=8", "--set", "late=true", "delay=", "last=[1,2]",
            "--event-time", "2026-11-26T08:00:00Z"));

        Assert.Equal("/v1/feature-views/demo/v/versions/latest/push", _line.Server.Requests[1].Target);
        Assert.Equal(
            """{"rows":[{"keys":{"hour":7,"at":"8"},"eventTime":"2026-11-26T08:00:00+00:00","""
            + """ "features":{"late":true,"delay":null,"last":[1,2]}}]}""".TrimStart(),
            _line.Server.Requests[1].Body);
        Assert.Equal("feature-view:demo/v@1 1 row pushed", _line.Out.Trim());
    }

    [Theory]
    [InlineData("hour=noon", "'hour' must be a whole number (int32), not 'noon'")]
    [InlineData("hour", "'hour' is not key=value")]
    public async Task A_word_of_another_type_is_told_before_anything_is_pushed(string word, string said)
    {
        _line.Server.Then(HttpStatusCode.OK, View);

        Assert.Equal(2, await _line.RunAsync("feature", "push", "demo/v", "--key", word));

        Assert.Contains(said, _line.Error, StringComparison.Ordinal);
        Assert.Single(_line.Server.Requests);
    }

    [Fact]
    public async Task Rows_of_a_file_are_pushed_as_they_are()
    {
        var path = Write("""{"rows":[{"keys":{"hour":7},"eventTime":"2026-11-26T08:00:00Z","features":{"delay":1.5}}]}""");
        _line.Server.Then(HttpStatusCode.OK, """{"view":"feature-view:demo/v@2","rows":1,"pushPosition":9}""");

        Assert.Equal(0, await _line.RunAsync("feature", "push", "demo/v@2", "--file", path));

        Assert.Equal("/v1/feature-views/demo/v/versions/2/push", _line.Server.Requests[0].Target);
        Assert.Contains("\"features\":{\"delay\":1.5}", _line.Server.Requests[0].Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"rows\":\n[{\"keys\":{},\"eventTime\":\"2026-11-26T08:00:00Z\",\"feature\":{}}]}", ":2: ", "feature")]
    [InlineData("{\"rows\":[{\"keys\":{}}]}", ":1: ", "eventTime")]
    [InlineData("[]", ":1: ", "")]
    public async Task A_mistake_in_a_file_of_rows_is_told_with_its_line(string text, string line, string named)
    {
        Assert.Equal(1, await _line.RunAsync("feature", "push", "demo/v", "--file", Write(text)));

        Assert.Contains($"rows.json{line}", _line.Error, StringComparison.Ordinal);
        Assert.Contains(named, _line.Error, StringComparison.Ordinal);
        Assert.Contains("(client.feature_file_invalid)", _line.Error, StringComparison.Ordinal);
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task A_value_is_explained_as_it_was_at_a_time()
    {
        _line.Server.Then(HttpStatusCode.OK, View).Then(
            HttpStatusCode.OK,
            """
            {"view":"feature-view:demo/v@1","at":"2026-11-26T08:00:00Z","generation":null,"activatedAt":null,"asOf":null,"run":null,
             "served":{"from":"push","eventTime":"2026-11-26T07:00:00Z","origin":null,"tooOld":true,"values":{"late":null,"delay":1.5}},
             "sources":[{"version":"dataset:demo/d@3","count":1,"events":[
               {"path":"a.parquet","row":4,"eventTime":"2026-11-26T06:00:00Z","createdTime":null}]}],
             "pushed":[{"pushPosition":4,"eventTime":"2026-11-26T07:00:00Z","pushedAt":"2026-11-26T07:00:01Z","pushedBy":"me","run":null,
               "values":{"delay":1.5}}]}
            """);

        Assert.Equal(0, await _line.RunAsync(
            "feature", "explain", "demo/v", "--key", "hour=7", "--key", "at=ATL", "--at", "2026-11-26T08:00:00Z"));

        Assert.Equal("""{"keys":{"hour":7,"at":"ATL"},"at":"2026-11-26T08:00:00+00:00"}""", _line.Server.Requests[1].Body);
        Assert.Contains("generation\tnone served then", _line.Out, StringComparison.Ordinal);
        Assert.Contains("  delay\t1.5", _line.Out, StringComparison.Ordinal);
        Assert.Contains("held back", _line.Out, StringComparison.Ordinal);
        Assert.Contains("  event\ta.parquet row 4", _line.Out, StringComparison.Ordinal);
        Assert.Contains("by me", _line.Out, StringComparison.Ordinal);
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder.Path, "rows.json");
        File.WriteAllText(path, text);
        return path;
    }
}
