using System.Net;
using System.Text.Json;
using Catalog.Cli;
using Catalog.Tests.Sdk;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class ExitCodeTests
{
    private const string Registered = """{"node":"dataset:demo/flights","changed":true,"position":1}""";
    private readonly CommandLine _line = new();

    [Fact]
    public async Task What_was_done_is_0()
    {
        _line.Server.Then(HttpStatusCode.Created, Registered);

        Assert.Equal(0, await _line.RunAsync("dataset", "register", "demo/flights", "--owner", "me"));
        Assert.Equal("dataset:demo/flights registered\n", _line.Out);
        Assert.Empty(_line.Error);
    }

    [Fact]
    public async Task What_was_so_before_says_so()
    {
        _line.Server.Then(HttpStatusCode.OK, Registered.Replace("true", "false", StringComparison.Ordinal));

        Assert.Equal(0, await _line.RunAsync("dataset", "register", "demo/flights", "--owner", "me"));
        Assert.Equal("dataset:demo/flights unchanged\n", _line.Out);
    }

    [Fact]
    public async Task What_the_catalog_refused_is_1_and_one_sentence_with_its_code()
    {
        _line.Server.Then(HttpStatusCode.NotFound, StandInServer.Problem(404, "dataset.not_found", "There is no 'dataset:demo/flights'."));

        Assert.Equal(1, await _line.RunAsync("dataset", "show", "demo/flights", "--json"));
        Assert.Equal("catalog: There is no 'dataset:demo/flights' (dataset.not_found)\n", _line.Error);
        Assert.Empty(_line.Out);
    }

    [Fact]
    public async Task A_catalog_that_is_not_there_is_1()
    {
        _line.Server.ThenBreaks(HttpRequestError.ConnectionError);

        Assert.Equal(1, await _line.RunAsync("whoami"));
        Assert.EndsWith("(network.unreachable)\n", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_are_not_what_they_were_are_1_and_named()
    {
        _line.Server.Then(
            HttpStatusCode.OK,
            """{"node":"dataset:demo/flights@1","verified":false,"files":2,"bytes":7,"failures":[{"path":"a","problem":"changed"}]}""");

        Assert.Equal(1, await _line.RunAsync("dataset", "verify", "demo/flights@1", "--json"));
        Assert.False(JsonDocument.Parse(_line.Out).RootElement.GetProperty("verified").GetBoolean());

        _line.Server.Then(
            HttpStatusCode.OK,
            """{"node":"dataset:demo/flights@1","verified":false,"files":2,"bytes":7,"failures":[{"path":"a","problem":"changed"}]}""");

        Assert.Equal(1, await _line.RunAsync("dataset", "verify", "demo/flights@1"));
        Assert.Equal("dataset:demo/flights@1 is not what its manifest says: 2 files, 7 B\na: changed\n", _line.Out);
    }

    [Fact]
    public async Task What_is_wrong_with_a_file_is_said_in_words_beside_its_code()
    {
        _line.Server.Then(
            HttpStatusCode.OK,
            """{"node":"dataset:demo/x@1","verified":false,"files":1,"bytes":7,"failures":[{"path":"a","problem":"file.not_found"}]}""");

        Assert.Equal(1, await _line.RunAsync("dataset", "verify", "demo/x@1"));
        Assert.Equal(
            "dataset:demo/x@1 is not what its manifest says: 1 file, 7 B\na: its bytes are missing (file.not_found)\n", _line.Out);
    }

    [Theory]
    [InlineData("dataset shwo lab/x", "There is no command 'shwo' in 'catalog dataset'; did you mean 'show'?", "catalog dataset --help")]
    [InlineData("serv", "There is no command 'serv' in 'catalog'; did you mean 'serve'?", "catalog --help")]
    [InlineData("help", "There is no command 'help' in 'catalog'.", "catalog --help")]
    [InlineData("dataset --frob", "There is no option '--frob' here.", "catalog dataset --help")]
    public async Task A_misspelt_command_is_one_sentence_that_names_the_nearest(string line, string sentence, string help)
    {
        Assert.Equal(2, await _line.RunAsync(line.Split(' ')));
        Assert.Equal($"catalog: {sentence}\nSee '{help}'.\n", _line.Error);
        Assert.Empty(_line.Out);
    }

    [Theory]
    [InlineData("dataset", "tag", "lab/x", "")]
    [InlineData("dataset", "untag", "lab/x", "")]
    [InlineData("dataset", "alias", "lab/x", "", "1")]
    [InlineData("dataset", "unalias", "lab/x", "")]
    [InlineData("model", "deploy", "lab/x", "")]
    [InlineData("key", "revoke", "")]
    public async Task A_name_that_is_empty_is_refused_before_anybody_is_asked(params string[] args)
    {
        Assert.Equal(2, await _line.RunAsync(args));
        Assert.Contains("must not be empty.", _line.Error, StringComparison.Ordinal);
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task A_field_that_is_wrong_is_named_once_and_several_are_listed()
    {
        const string Detail = "owner: must be an id.";
        static string Invalid(string errors) =>
            $$"""{"status":400,"code":"request.invalid","detail":"{{Detail}}","errors":{{errors}}}""";
        _line.Server
            .Then(HttpStatusCode.BadRequest, Invalid("""{"owner":["must be an id."]}"""))
            .Then(HttpStatusCode.BadRequest, Invalid("""{"owner":["must be an id."],"tags":["must be short."]}"""));

        await _line.RunAsync("dataset", "register", "lab/x", "--owner", " ");
        Assert.Equal("catalog: owner: must be an id (request.invalid)\n", _line.Error);

        await _line.RunAsync("dataset", "register", "lab/x", "--owner", " ");
        Assert.Equal(
            "catalog: owner: must be an id (request.invalid)\n  owner: must be an id.\n  tags: must be short.\n", _line.Error);
    }

    [Theory]
    [InlineData(
        false, "access.key_unknown",
        "No server runs on the data folder '{0}' (its key was tried at http://catalog.test, where another")]
    [InlineData(
        false, null,
        "No server runs on the data folder '{0}', and nothing answers at http://catalog.test: start it with catalog serve")]
    [InlineData(
        true, null,
        "Nothing answers at http://catalog.test, where the server of the data folder '{0}' was: start it with catalog serve")]
    [InlineData(true, "access.key_unknown", "The key is not known.")]
    public async Task A_data_folder_without_a_server_is_named(bool served, string? code, string sentence)
    {
        var folder = Directory.CreateTempSubdirectory("catalog-cli").FullName;
        if (served)
            await File.WriteAllTextAsync(Path.Combine(folder, "server.json"), """{"url":"http://127.0.0.1:5111"}""");
        if (code is null)
            _line.Server.ThenBreaks(HttpRequestError.ConnectionError);
        else
            _line.Server.Then(HttpStatusCode.Unauthorized, StandInServer.Problem(401, code, "The key is not known."));

        Assert.Equal(1, await _line.RunAsync("whoami", "--data", folder));
        Directory.Delete(folder, recursive: true);

        Assert.StartsWith($"catalog: {string.Format(null, sentence, folder).TrimEnd('.')}", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_files_is_no_version()
    {
        var folder = Directory.CreateTempSubdirectory("catalog-cli").FullName;

        Assert.Equal(1, await _line.RunAsync("dataset", "commit", "lab/x", folder));
        Directory.Delete(folder);

        Assert.Equal($"catalog: There are no files in '{folder}' (client.folder_empty)\n", _line.Error);
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task A_backup_into_a_folder_that_is_not_there_asks_nobody()
    {
        Assert.Equal(1, await _line.RunAsync("backup", "/nothere/x.zip"));
        Assert.Equal($"catalog: The folder '{Path.GetFullPath("/nothere")}' is not there (client.file_not_found)\n", _line.Error);
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task A_file_whose_bytes_are_missing_leaves_no_folder()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"catalog-cli-{Guid.CreateVersion7():N}");
        _line.Server
            .Then(HttpStatusCode.OK, """{"node":"dataset:lab/x@1","number":1}""")
            .Then(HttpStatusCode.OK, """{"items":[{"path":"a","uri":"object://sha256/0","bytes":1}],"next":null}""")
            .Then(HttpStatusCode.UnprocessableEntity, StandInServer.Problem(422, "object.not_found", "The bytes of 'a' are missing."));

        Assert.Equal(1, await _line.RunAsync("dataset", "download", "lab/x@1", "--output", folder));
        Assert.Equal("catalog: The bytes of 'a' are missing (object.not_found)\n", _line.Error);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task What_was_interrupted_is_130_and_says_nothing()
    {
        using var interrupt = new CancellationTokenSource();
        _line.Server.Then(_ =>
        {
            interrupt.Cancel();
            interrupt.Token.ThrowIfCancellationRequested();
            return new HttpResponseMessage();
        });

        Assert.Equal(ExitCodes.Interrupted, await _line.RunAsync(["whoami"], interrupt.Token));
        Assert.Empty(_line.Error);
    }

    [Theory]
    [InlineData("dataset")]
    [InlineData("dataset frob")]
    [InlineData("dataset show")]
    [InlineData("dataset show demo")]
    [InlineData("dataset show demo/a/b")]
    [InlineData("dataset show model:demo/a")]
    [InlineData("dataset show demo/flights --frob")]
    [InlineData("dataset tag demo/flights pii --frob")]
    [InlineData("dataset versions demo/flights@3")]
    [InlineData("dataset register demo/flights")]
    [InlineData("dataset compatibility demo/flights sideways")]
    [InlineData("dataset alias demo/flights gold three")]
    [InlineData("dataset commit demo/flights --remove a")]
    [InlineData("dataset commit demo/flights")]
    [InlineData("dataset describe demo/flights")]
    [InlineData("dataset list --limit 0")]
    [InlineData("dataset show --namespace demo")]
    [InlineData("dataset show --at 3")]
    [InlineData("run show x@3")]
    [InlineData("run show not-a-uuid")]
    [InlineData("run metric 0198c5f4-0000-7000-8000-000000000001 auc=high")]
    [InlineData("run param 0198c5f4-0000-7000-8000-000000000001 trees")]
    [InlineData("run list --state asleep")]
    [InlineData("lineage up demo/flights")]
    [InlineData("lineage up dataset:demo/flights --depth -1")]
    [InlineData("key create ci --role root")]
    [InlineData("key create ci --role reader --expires soon")]
    [InlineData("completion powershell")]
    public async Task A_wrong_command_line_is_2_and_asks_nobody(string line)
    {
        Assert.Equal(2, await _line.RunAsync(line.Split(' ')));
        Assert.StartsWith("catalog: ", _line.Error, StringComparison.Ordinal);
        Assert.Empty(_line.Out);
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task Help_is_0_and_on_standard_output()
    {
        Assert.Equal(0, await _line.RunAsync("dataset", "commit", "--help"));
        Assert.Contains("--expected-parent", _line.Out, StringComparison.Ordinal);
        Assert.Empty(_line.Error);
    }

    [Fact]
    public async Task A_name_that_looks_like_an_option_goes_after_two_dashes()
    {
        _line.Server.Then(HttpStatusCode.OK, Registered);

        Assert.Equal(0, await _line.RunAsync("dataset", "tag", "demo/flights", "--", "-odd"));
        Assert.Equal("/v1/datasets/demo/flights/tags/-odd", _line.Server.Requests[0].Target);
    }
}
