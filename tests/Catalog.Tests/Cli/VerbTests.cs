using System.Net;
using System.Text.Json;
using Catalog.Cli;
using Catalog.Cli.Commands;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class VerbTests
{
    private const string Run = "0198c5f4-0000-7000-8000-000000000001";
    private readonly CommandLine _line = new();

    [Fact]
    public async Task Describing_one_line_of_a_datasheet_keeps_the_others()
    {
        _line.Server
            .Then(
                HttpStatusCode.OK,
                """{"node":"dataset:demo/x","namespace":"demo","name":"x","owner":"me","datasheet":{"origin":"BTS","licence":"old"}}""",
                r => r.Headers.TryAddWithoutValidation("ETag", "\"4\""))
            .Then(HttpStatusCode.OK, """{"node":"dataset:demo/x","changed":true,"position":1}""");

        Assert.Equal(0, await _line.RunAsync("dataset", "describe", "demo/x", "--licence", "CC0"));

        Assert.Equal("""{"datasheet":{"licence":"CC0","origin":"BTS"}}""", _line.Server.Requests[1].Body);
        Assert.Equal("\"4\"", _line.Server.Requests[1].Headers.IfMatch.ToString());
    }

    [Fact]
    public async Task Committing_in_place_names_files_and_folders_for_the_server_to_read()
    {
        var folder = Directory.CreateTempSubdirectory("catalog cli").FullName;
        _line.Server.Then(HttpStatusCode.Created, """{"node":"dataset:demo/x@1","changed":true,"position":1,"version":1}""");

        var code = await _line.RunAsync(
            "dataset", "commit", "demo/x", "/data/a.csv", folder, "--in-place", "--glob", "**/*.png", "--prefix", "img/",
            "-m", "why", "--expected-parent", "0", "--run", $"run:{Run}");
        Directory.Delete(folder);

        Assert.Equal(0, code);
        var body = JsonDocument.Parse(_line.Server.Requests[0].Body).RootElement;
        Assert.Equal("""[{"path":"img/a.csv","uri":"file:///data/a.csv"}]""", body.GetProperty("files").GetRawText());
        Assert.Equal("**/*.png", body.GetProperty("folders")[0].GetProperty("glob").GetString());
        Assert.Equal("img/", body.GetProperty("folders")[0].GetProperty("prefix").GetString());
        Assert.Equal("replace", body.GetProperty("mode").GetString());
        Assert.Equal(0, body.GetProperty("expectedParent").GetInt32());
        Assert.Equal((Run, "why"), (body.GetProperty("run").GetString(), body.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task A_run_is_started_with_its_parameters_as_they_were_written()
    {
        _line.Server.Then(HttpStatusCode.Created, $$"""{"node":"run:{{Run}}","changed":true,"position":1}""");

        Assert.Equal(0, await _line.RunAsync(
            "run", "start", "demo/train", "--id", Run, "--param", "rate=0.10", "--param", "note=a=b", "--tag", "n"));

        Assert.Equal($"run:{Run}\n", _line.Out);
        Assert.Equal(
            $$$"""{"id":"{{{Run}}}","job":{"namespace":"demo","name":"train"},"parameters":{"rate":"0.10","note":"a=b"},"tags":["n"]}""",
            _line.Server.Requests[0].Body);
    }

    [Fact]
    public async Task An_input_prints_the_version_that_an_alias_stands_for()
    {
        _line.Server.Then(HttpStatusCode.Created, """{"node":"dataset:demo/flights@3","changed":true,"position":1,"version":3}""");

        Assert.Equal(0, await _line.RunAsync("run", "input", Run, "demo/flights", "--role", "train"));

        Assert.Equal("dataset:demo/flights@3\n", _line.Out);
        Assert.Equal("""{"dataset":"dataset:demo/flights@latest","role":"train"}""", _line.Server.Requests[0].Body);
    }

    [Fact]
    public async Task A_new_key_is_all_that_is_printed()
    {
        _line.Server.Then(
            HttpStatusCode.Created, """{"id":"k1","name":"ci","role":"reader","principal":"key-k1","key":"cat_k1_secret","position":1}""");

        Assert.Equal(0, await _line.RunAsync("key", "create", "ci", "--role", "reader"));
        Assert.Equal("cat_k1_secret\n", _line.Out);
    }

    [Theory]
    [InlineData("12h", "2026-01-01T12:00:00Z")]
    [InlineData("30d", "2026-01-31T00:00:00Z")]
    [InlineData("2027-01-31", "2027-01-31T00:00:00Z")]
    [InlineData("2027-01-31T12:00+02:00", "2027-01-31T10:00:00Z")]
    public void A_key_ends_at_a_time_or_after_one(string text, string time) =>
        Assert.Equal(DateTimeOffset.Parse(time), KeyCommand.ReadTime(text, DateTimeOffset.Parse("2026-01-01T00:00:00Z")));

    [Theory]
    [InlineData("bash", "complete -o default -F _catalog catalog")]
    [InlineData("zsh", "#compdef catalog")]
    [InlineData("fish", "complete -c catalog")]
    public async Task Each_shell_gets_a_script_that_asks_the_command_itself(string shell, string line)
    {
        Assert.Equal(0, await _line.RunAsync("completion", shell));
        Assert.Contains(line, _line.Out, StringComparison.Ordinal);
        Assert.Contains("[suggest:", _line.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dataset comm", "commit")]
    [InlineData("dataset commit --exp", "--expected-parent")]
    [InlineData("run list --state r", "running")]
    [InlineData("lin", "lineage")]
    public async Task What_may_come_next_is_suggested(string line, string word)
    {
        Assert.Equal(0, await _line.RunAsync($"[suggest:{line.Length}]", line));
        Assert.Contains(word, _line.Out.Split('\n', StringSplitOptions.TrimEntries));
    }

    [Fact]
    public void Every_command_says_what_it_does()
    {
        var silent = Commands(CatalogCommand.Create()).Where(c => string.IsNullOrEmpty(c.Description)
            || c.Options.Any(o => string.IsNullOrEmpty(o.Description)) || c.Arguments.Any(a => string.IsNullOrEmpty(a.Description)));

        Assert.Empty(silent.Select(c => c.Name));
    }

    private static IEnumerable<System.CommandLine.Command> Commands(System.CommandLine.Command command) =>
        command.Subcommands.SelectMany(Commands).Prepend(command);
}
