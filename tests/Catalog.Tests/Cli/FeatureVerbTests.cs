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

    private static string Plan(string view) => $$"""{"hash":"abc","views":[{{view}}]}""";

    private static string Applied(string view) => $$"""{"hash":"abc","views":[{{view}}],"changed":true,"position":7}""";

    private string Path(string text = File)
    {
        var path = System.IO.Path.Combine(_folder.Path, "v.yaml");
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
