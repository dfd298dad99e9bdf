using System.Diagnostics;
using System.Text.RegularExpressions;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Docs;

/// <summary>
/// The tours of the documents, typed into bash as they are written, block after block: they end without an error, and print what is shown.
/// </summary>
public sealed partial class TourTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Types no document, only what each says to type first, and asks the shell what completes <c>catalog dataset comm</c>.
    /// </summary>
    [Fact]
    public async Task Completion_works_for_the_alias_of_the_document()
    {
        using var folder = new TemporaryFolder();
        var said = await TypeAsync(
            folder,
            [
                .. Lines("docs/cli.md").Where(line => AliasOrCompletion().IsMatch(line)),
                "complete -p catalog",
                "COMP_LINE='catalog dataset comm' COMP_POINT=20 COMP_WORDS=(catalog dataset comm) COMP_CWORD=2",
                "_catalog catalog comm dataset",
                "echo \"completed: ${COMPREPLY[*]}\"",
            ]);

        Assert.Contains("completed: commit", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docs/cli.md")]
    [InlineData("README.md")]
    public async Task The_tour_can_be_typed_word_for_word(string document)
    {
        await Requires.PostgresAsync();
        foreach (var program in new[] { "bash", "jq", "sed", "python3" })
            Requires.Program(program);

        using var folder = new TemporaryFolder();
        var said = Plain(await TypeAsync(folder, Lines(document))).ToHashSet(StringComparer.Ordinal);

        var shown = Blocks(document, "text").SelectMany(Plain).Where(line => !IsOfItsMoment().IsMatch(line)).ToList();
        Assert.NotEmpty(shown);
        Assert.DoesNotContain(shown, line => !said.Contains(line));
    }

    /// <returns>Everything on standard output.</returns>
    private static async Task<string> TypeAsync(TemporaryFolder folder, IEnumerable<string> lines)
    {
        Requires.Linux();
        var script = folder["tour.sh"];
        await File.WriteAllTextAsync(script, $"{Before}\n{string.Join('\n', lines.Select(line => Runnable(line, folder)))}\n");
        var clone = Directory.CreateDirectory(folder["clone"]).FullName;
        foreach (var part in new[] { "src", "docs" })
            Directory.CreateSymbolicLink(Path.Combine(clone, part), Path.Combine(Repository.Root, part));

        var start = new ProcessStartInfo("bash", [script])
        {
            WorkingDirectory = clone,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = folder["home"], ["TMPDIR"] = folder.Path },
        };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("CATALOG_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        using var bash = Process.Start(start) ?? throw new InvalidOperationException("No bash was started.");
        bash.StandardInput.Close();
        using var late = new CancellationTokenSource(Limit);
        try
        {
            var (said, complained) = (bash.StandardOutput.ReadToEndAsync(late.Token), bash.StandardError.ReadToEndAsync(late.Token));
            await bash.WaitForExitAsync(late.Token);
            Assert.True(bash.ExitCode == 0, $"{await complained}\n{await said}");
            return await said;
        }
        finally
        {
            if (!bash.HasExited)
                bash.Kill(entireProcessTree: true);
        }
    }

    /// <summary>
    /// An alias counts in a script when bash is told so. The first terminal, with the server in it, is descriptor 9: what follows waits
    /// until the server says that it is there; at the end, or before its folder is deleted, it is asked to stop.
    /// </summary>
    private const string Before =
        """
        set -euo pipefail
        shopt -s expand_aliases
        mkdir -p "$HOME"
        server=
        await_server() {
            while read -r line <&9; do
                echo "$line"
                if [[ $line == "admin key"* || $line == *"keeps running"* ]]; then server=$(jq .pid "$1/server.json"); return; fi
            done
            echo "The server did not start." >&2; return 1
        }
        end_server() { if [[ -n $server ]]; then kill "$server"; cat <&9; server=; fi; }
        trap end_server EXIT
        trap 'echo "line $LINENO failed: $BASH_COMMAND" >&2' ERR
        """;

    /// <summary>
    /// What stays in the first terminal goes there. The program is the one that the tests were built with, and where a document leaves the
    /// port or the folder to the machine, the test says it.
    /// </summary>
    private static string Runnable(string line, TemporaryFolder folder)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Catalog.Cli");
        if (line.StartsWith("catalog serve", StringComparison.Ordinal))
            return $"exec 9< <({line} --listen http://127.0.0.1:0)\nawait_server \"$tour/catalog\"";
        if (line.StartsWith("rm -r ", StringComparison.Ordinal))
            return $"end_server\n{line}";
        if (line.StartsWith("dotnet run --project src/Catalog.Cli -- demo", StringComparison.Ordinal))
            return $"exec 9< <('{program}' demo --data '{folder["home/.local/share/catalog-demo"]}')\n"
                + "await_server ~/.local/share/catalog-demo";

        return line.StartsWith("dotnet ", StringComparison.Ordinal)
            ? ""
            : line.Replace("$PWD/artifacts/bin/Catalog.Cli/debug/Catalog.Cli", program, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Lines(string document) => Blocks(document, "sh").SelectMany(block => block.Split('\n'));

    private static IEnumerable<string> Blocks(string document, string language) =>
        Fence().Matches(File.ReadAllText(Path.Combine(Repository.Root, document)).ReplaceLineEndings("\n"))
            .Where(m => m.Groups["language"].Value == language)
            .Select(m => m.Groups["body"].Value);

    /// <summary>Lines without what is of the terminal (tabs, width) or of the moment (ids made by chance).</summary>
    private static IEnumerable<string> Plain(string text) =>
        text.Split('\n').Select(line => Id().Replace(Blank().Replace(line, " ").Trim(), "<id>")).Where(line => line.Length > 0);

    private const RegexOptions OfBlocks = RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture;

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<body>.*?)^```$", OfBlocks)]
    private static partial Regex Fence();

    [GeneratedRegex("^alias |completion")]
    private static partial Regex AliasOrCompletion();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    [GeneratedRegex("run(?::|#58;)[0-9a-f-]{36}")]
    private static partial Regex Id();

    /// <summary>Left out, a time, a state of the machine, or a number as only people get it.</summary>
    [GeneratedRegex(@"^…$| … |\d{4}-\d\d-\d\d|^(good|note) |LOOKED AT|^(DATASET|FROM|UPSTREAM) |^size |\d,\d{3}$")]
    private static partial Regex IsOfItsMoment();
}
