using System.IO.Pipes;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Catalog.Cli;
using Catalog.Cli.Commands;
using Catalog.Tests.Sdk;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class VerbTests
{
    private const string Run = "0198c5f4-0000-7000-8000-000000000001";
    private const string Committed = """{"node":"dataset:demo/x@1","changed":true,"position":1,"version":1}""";
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
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "data")).FullName, "a.csv");
        await File.WriteAllTextAsync(file, "a");
        _line.Server.Then(HttpStatusCode.Created, Committed);

        var code = await _line.RunAsync(
            "dataset", "commit", "demo/x", file, folder, "--in-place", "--glob", "**/*.png", "--prefix", "img/",
            "-m", "why", "--expected-parent", "0", "--run", $"run:{Run}");
        Directory.Delete(folder, recursive: true);

        Assert.Equal(0, code);
        var body = JsonDocument.Parse(_line.Server.Requests[0].Body).RootElement;
        Assert.Equal("img/a.csv", body.GetProperty("files")[0].GetProperty("path").GetString());
        Assert.Equal(new Uri(file).AbsoluteUri, body.GetProperty("files")[0].GetProperty("uri").GetString());
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
    [InlineData("/srv/lake/images/", null, "file:///srv/lake/images", true)]
    [InlineData("/srv/lake/images", "**/*.png", "file:///srv/lake/images", true)]
    [InlineData("file:///srv/lake/images/", null, "file:///srv/lake/images", true)]
    [InlineData("s3://lake/images", "*.png", "s3://lake/images", true)]
    [InlineData("/srv/../a b.png", null, "file:///srv/../a%20b.png", false)]
    [InlineData("file:///srv/a%20b.png", null, "file:///srv/a%20b.png", false)]
    public async Task A_server_elsewhere_is_told_of_its_own_files_and_folders(string path, string? glob, string uri, bool folder)
    {
        _line.Server.Then(HttpStatusCode.Created, Committed);

        string[] args = ["dataset", "commit", "demo/x", path, "--observed", .. glob is null ? Array.Empty<string>() : ["--glob", glob]];
        Assert.Equal(0, await _line.RunAsync(args));

        var source = JsonDocument.Parse(_line.Server.Requests[0].Body).RootElement.GetProperty(folder ? "folders" : "files")[0];
        Assert.Equal(uri, source.GetProperty("uri").GetString());
    }

    [Fact]
    public async Task A_relative_path_means_nothing_to_a_server_elsewhere()
    {
        Assert.Equal(2, await _line.RunAsync("dataset", "commit", "demo/x", "images", "--in-place"));
        Assert.Empty(_line.Server.Requests);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("\"4\"")]
    public async Task The_state_that_show_prints_is_what_describe_asks_for(string etag)
    {
        _line.Server
            .Then(HttpStatusCode.OK, """{"node":"dataset:demo/x"}""", r => r.Headers.TryAddWithoutValidation("ETag", "\"4\""))
            .Then(HttpStatusCode.OK, """{"node":"dataset:demo/x","changed":true,"position":9,"streamVersion":5}""");

        Assert.Equal(0, await _line.RunAsync("dataset", "show", "demo/x"));
        Assert.Contains("etag\t\"4\"\n", _line.Out, StringComparison.Ordinal);

        Assert.Equal(0, await _line.RunAsync("dataset", "describe", "demo/x", "--documentation", "d", "--if-match", etag, "--json"));
        Assert.Equal("\"4\"", _line.Server.Requests[1].Headers.IfMatch.ToString());
        Assert.Equal("\"5\"", JsonDocument.Parse(_line.Out).RootElement.GetProperty("etag").GetString());
    }

    [Fact]
    public async Task The_state_is_in_the_JSON_of_a_dataset()
    {
        _line.Server.Then(HttpStatusCode.OK, """{"node":"dataset:demo/x"}""", r => r.Headers.TryAddWithoutValidation("ETag", "\"4\""));

        await _line.RunAsync("dataset", "show", "demo/x", "--json");

        Assert.Equal("\"4\"", JsonDocument.Parse(_line.Out).RootElement.GetProperty("etag").GetString());
    }

    [Fact]
    public async Task Of_several_tags_each_is_answered_also_when_a_later_one_is_refused()
    {
        _line.Server
            .Then(HttpStatusCode.OK, """{"node":"dataset:demo/x","changed":true,"position":1}""")
            .Then(HttpStatusCode.OK, """{"node":"dataset:demo/x","changed":false,"position":1}""")
            .Then(HttpStatusCode.BadRequest, StandInServer.Problem(400, "request.invalid", "No tag."));

        Assert.Equal(1, await _line.RunAsync("dataset", "tag", "demo/x", "a", "b", "c", "--json"));

        Assert.Equal(
            [("a", true), ("b", false)],
            JsonDocument.Parse(_line.Out).RootElement.EnumerateArray()
                .Select(t => (t.GetProperty("tag").GetString(), t.GetProperty("changed").GetBoolean())));
        Assert.EndsWith("(request.invalid)\n", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newest_runs_are_listed_first_when_asked_for()
    {
        static string RunOf(int n) =>
            $$"""{"node":"run:0198c5f4-0000-7000-8000-00000000000{{n}}","id":"0198c5f4-0000-7000-8000-00000000000{{n}}","job":"job:a/b"}""";

        _line.Server
            .Then(HttpStatusCode.OK, $$"""{"items":[{{RunOf(1)}},{{RunOf(2)}}],"next":"2"}""")
            .Then(HttpStatusCode.OK, $$"""{"items":[{{RunOf(3)}}],"next":null}""");

        Assert.Equal(0, await _line.RunAsync("run", "list", "--newest", "--limit", "2"));

        Assert.Equal(["3", "2"], _line.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[0][^1..]));
    }

    [Fact]
    public async Task What_an_input_was_asked_for_is_said_where_it_was_not_the_number()
    {
        _line.Server.Then(HttpStatusCode.OK, $$"""
            {"node":"run:{{Run}}","id":"{{Run}}","job":"job:demo/train",
             "inputs":[{"node":"dataset:demo/a@3","requested":"3"},{"node":"dataset:demo/b@2","requested":"gold"}]}
            """);

        Assert.Equal(0, await _line.RunAsync("run", "show", Run));

        Assert.Contains("inputs\tdataset:demo/a@3; dataset:demo/b@2  (asked for gold)\n", _line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_file_is_downloaded_without_listing_the_version_and_checked()
    {
        var target = Path.Combine(Directory.CreateTempSubdirectory("catalog cli").FullName, "got");
        var right = Convert.ToHexStringLower(SHA256.HashData("abc"u8));
        foreach (var hash in new[] { right, new string('0', 64) })
        {
            _line.Server
                .Then(HttpStatusCode.OK, """{"node":"dataset:demo/x@1","number":1}""")
                .Then(HttpStatusCode.OK, "abc", r => r.Headers.TryAddWithoutValidation("ETag", $"\"{hash}\""));

            var code = await _line.RunAsync("dataset", "download", "demo/x@1", "--file", "a/b.bin", "--output", target);

            Assert.Equal(hash == right ? 0 : 1, code);
        }

        Assert.Equal("abc", await File.ReadAllTextAsync(target));
        Assert.EndsWith("(file.changed)\n", _line.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_line.Server.Requests, r => r.Target.Contains("/files", StringComparison.Ordinal));
        Directory.Delete(Path.GetDirectoryName(target) ?? target, recursive: true);
    }

    [Fact]
    public async Task Nothing_more_is_downloaded_for_a_reader_that_has_gone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "pipes of POSIX are meant");
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        pipe.DisposeLocalCopyOfClientHandle();
        _line.OpenOut = () => Terminal.OpenPipe(new SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false));
        var endless = new Endless();
        _line.Server
            .Then(HttpStatusCode.OK, """{"node":"dataset:demo/x@1","number":1}""")
            .Then(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(endless) });

        Assert.Equal(0, await _line.RunAsync("dataset", "download", "demo/x@1", "--file", "a", "--output", "-"));

        Assert.Empty(_line.Error);
        Assert.InRange(endless.Given, 1, 10_000_000);
    }

    [Fact]
    public async Task A_backup_shows_how_much_there_is_of_it()
    {
        var target = Path.Combine(Directory.CreateTempSubdirectory("catalog cli").FullName, "backup.zip");
        _line.ErrorIsTerminal = true;
        _line.Server.Then(HttpStatusCode.OK, new string('x', 2_000_000));

        Assert.Equal(0, await _line.RunAsync("backup", target));

        Assert.Contains("Backing up 2.0 MB", _line.Error, StringComparison.Ordinal);
        Assert.Contains("size\t2000000\n", _line.Out, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(target) ?? target, recursive: true);
    }

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

    /// <summary>A file without an end, up to a limit at which the test has failed anyway.</summary>
    private sealed class Endless : MemoryStream
    {
        private const long Limit = 100_000_000;

        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Given < Limit ? buffer.Length : 0;
            Given += count;
            return ValueTask.FromResult(count);
        }
    }

    private static IEnumerable<System.CommandLine.Command> Commands(System.CommandLine.Command command) =>
        command.Subcommands.SelectMany(Commands).Prepend(command);
}
