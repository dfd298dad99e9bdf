using System.Net;
using System.Text.Json;
using Catalog.Tests.Storage;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class FeatureVerbTests : IDisposable
{
    private const string File =
        """
        namespace: demo
        views:
          v:
            owner: me
            source: {dataset: demo/d, eventTime: t}
            ttl: 7d
            features: {a: int64}
        """;

    private const string Changed =
        """
        {"view":"feature-view:demo/v","action":"newVersion","version":2,
         "differences":[{"field":"timeToLive","from":"1d","to":"7d","compatible":false}],"warnings":["Old."]}
        """;

    private const string Unchanged =
        """{"view":"feature-view:demo/v","action":"unchanged","version":1,"differences":[],"warnings":[]}""";

    private readonly TempFolder _folder = new();
    private readonly CommandLine _line = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_shown_is_what_is_applied()
    {
        _line.Server.Then(HttpStatusCode.OK, Plan(Changed)).Then(HttpStatusCode.OK, Applied(Changed));

        Assert.Equal(0, await _line.RunAsync("feature", "apply", Path(), "--yes"));

        Assert.Equal(
            "feature-view:demo/v@2\tnewVersion\t\t\t\nfeature-view:demo/v@2\tnewVersion\ttimeToLive\t1d\t7d\n"
            + "feature-view:demo/v@2\twarning\t\t\tOld.\n",
            _line.Out.ReplaceLineEndings("\n"));
        var sent = JsonDocument.Parse(_line.Server.Requests[1].Body).RootElement;
        Assert.Equal("abc", sent.GetProperty("expectedPlan").GetString());
        Assert.Equal("7d", sent.GetProperty("views")[0].GetProperty("definition").GetProperty("timeToLive").GetString());
    }

    [Theory]
    [InlineData("y", 0, 2)]
    [InlineData("YES", 0, 2)]
    [InlineData("n", 1, 1)]
    [InlineData("", 1, 1)]
    public async Task A_person_is_asked(string answer, int code, int requests)
    {
        (_line.OutIsTerminal, _line.In) = (true, answer);
        _line.Server.Then(HttpStatusCode.OK, Plan(Changed)).Then(HttpStatusCode.OK, Applied(Changed));

        Assert.Equal(code, await _line.RunAsync("feature", "apply", Path()));

        Assert.Equal(requests, _line.Server.Requests.Count);
        Assert.Contains("is a new version beside 1, because values change", _line.Out, StringComparison.Ordinal);
        Assert.Contains("    timeToLive: 1d → 7d", _line.Out, StringComparison.Ordinal);
        Assert.Contains("1 of 1 view changes.", _line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_nothing_is_applied_without_being_told_to()
    {
        _line.Server.Then(HttpStatusCode.OK, Plan(Changed));

        Assert.Equal(2, await _line.RunAsync("feature", "apply", Path()));

        Assert.Contains("give --yes, or --dry-run", _line.Error, StringComparison.Ordinal);
        Assert.Single(_line.Server.Requests);
    }

    [Fact]
    public async Task A_dry_run_only_plans()
    {
        _line.Server.Then(HttpStatusCode.OK, Plan(Changed));

        Assert.Equal(0, await _line.RunAsync("feature", "apply", Path(), "--dry-run", "--json"));

        Assert.Equal("newVersion", JsonDocument.Parse(_line.Out).RootElement.GetProperty("views")[0].GetProperty("action").GetString());
        Assert.Equal("/v1/feature-views/plan", Assert.Single(_line.Server.Requests).Target);
    }

    [Fact]
    public async Task What_is_so_already_asks_nobody()
    {
        _line.Server.Then(HttpStatusCode.OK, Plan(Unchanged));

        Assert.Equal(0, await _line.RunAsync("feature", "apply", Path()));

        Assert.Single(_line.Server.Requests);
    }

    [Fact]
    public async Task A_mistake_in_a_file_is_told_before_anything_is_sent()
    {
        Assert.Equal(1, await _line.RunAsync("feature", "apply", Path(File.Replace("ttl", "tll", StringComparison.Ordinal)), "--yes"));

        Assert.Contains("v.yaml:6: there is no 'tll' in the view 'v'; did you mean 'ttl'?", _line.Error, StringComparison.Ordinal);
        Assert.Contains("(client.feature_file_invalid)", _line.Error, StringComparison.Ordinal);
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task Services_are_shown_and_applied_with_the_views()
    {
        const string Service =
            """
            {"service":"feature-service:demo/live","action":"newVersion","version":2,
             "differences":[{"field":"views.demo/v","from":"@1","to":"@2","compatible":false}],"warnings":[]}
            """;
        _line.OutIsTerminal = true;
        _line.Server.Then(HttpStatusCode.OK, $$"""{"hash":"abc","views":[{{Changed}}],"services":[{{Service}}]}""")
            .Then(HttpStatusCode.OK, Applied(Changed));

        Assert.Equal(0, await _line.RunAsync("feature", "apply", Path(File + "\nservices: {live: {owner: me, views: v}}"), "--yes"));

        Assert.Contains(
            "feature-service:demo/live@2  is a new version beside 1\n", _line.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("2 of 2 views and services change.", _line.Out, StringComparison.Ordinal);
        var sent = JsonDocument.Parse(_line.Server.Requests[1].Body).RootElement.GetProperty("services")[0];
        Assert.Equal(
            "feature-view:demo/v", sent.GetProperty("definition").GetProperty("views")[0].GetProperty("view").GetString());
    }

    [Fact]
    public async Task Generations_are_activated_by_id_or_node_and_what_they_replace_is_told()
    {
        const string Switched =
            """
            {"activation":"019a8f11-0d21-7c31-9a10-44c2f0de7711","changed":true,"position":9,
             "views":[{"view":"feature-view:demo/v@1","generation":"generation:019a8f10-3c44-7b02-8d55-6a1f0b3c9e21","before":null}]}
            """;
        _line.Server.Then(HttpStatusCode.OK, Switched).Then(HttpStatusCode.OK, Switched);

        Assert.Equal(0, await _line.RunAsync("feature", "activate", "generation:019a8f10-3c44-7b02-8d55-6a1f0b3c9e21", "--reason", "Now."));
        Assert.Equal(0, await _line.RunAsync("feature", "rollback", "feature-service:demo/live"));
        Assert.Equal(2, await _line.RunAsync("feature", "activate", "newest"));

        Assert.Equal("/v1/feature-generations/activate", _line.Server.Requests[0].Target);
        Assert.Equal(
            """{"generations":["019a8f10-3c44-7b02-8d55-6a1f0b3c9e21"],"reason":"Now."}""", _line.Server.Requests[0].Body);
        Assert.Equal("""{"node":"feature-service:demo/live"}""", _line.Server.Requests[1].Body);
        Assert.Contains("'newest' is not the id of a generation", _line.Error, StringComparison.Ordinal);
    }

    private static string Plan(string view) => $$"""{"hash":"abc","views":[{{view}}]}""";

    private static string Applied(string view) => $$"""{"hash":"abc","views":[{{view}}],"changed":true,"position":7}""";

    private string Path(string text = File)
    {
        var path = System.IO.Path.Combine(_folder.Path, "v.yaml");
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
