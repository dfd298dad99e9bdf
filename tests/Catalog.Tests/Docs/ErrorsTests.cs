using System.Text.RegularExpressions;
using Catalog.Platform;
using Xunit;

namespace Catalog.Tests.Docs;

/// <summary>docs/errors.md lists the problem codes that the code answers with, all of them and no others.</summary>
public sealed partial class ErrorsTests
{
    private static readonly string Text = File.ReadAllText(Repository.File("docs", "errors.md")).ReplaceLineEndings("\n");

    [Fact]
    public void Every_problem_code_is_explained_with_its_status_and_no_other_is()
    {
        var explained = Row().Matches(Text).Select(m => (m.Groups["code"].Value, m.Groups["status"].Value)).Order();

        Assert.Equal(ProblemCodes.All.Select(c => (c.Key, ((int)c.Value).ToString())).Order(), explained);
    }

    /// <summary>
    /// Codes without a status: of the SDK, the command line, and a server that does not start. They are written where they are used.
    /// </summary>
    [Fact]
    public void Every_code_of_this_side_is_explained_and_no_other_is()
    {
        string[] folders = ["src/Catalog.Sdk", "src/Catalog.Cli", "src/Catalog.Server"];
        var used = folders.SelectMany(Repository.Sources)
            .SelectMany(path => Used().Matches(File.ReadAllText(Repository.File(path))))
            .Select(m => m.Groups["code"].Value)
            .Append("http.<status>")
            .Distinct()
            .Where(code => !ProblemCodes.All.ContainsKey(code));

        Assert.Equal(used.Order(), RowOfThisSide().Matches(Text).Select(m => m.Groups["code"].Value).Order());
    }

    [GeneratedRegex(@"^\| `(?<code>[a-z_.]+)` \| (?<status>\d+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| `(?<code>[a-z_.<>]+)` \| [^\d|][^|]*\| [^|]+ \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex RowOfThisSide();

    [GeneratedRegex(
        "\"(?<code>(client|network|http|backup|data|database|objects|oidc|postgres|redis|resp|tls|demo)\\.[a-z_]+)\"",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Used();
}
