using System.Text.RegularExpressions;
using Catalog.Platform;
using Xunit;

namespace Catalog.Tests.Docs;

/// <summary>docs/errors.md lists the problem codes that the code answers with, all of them and no others.</summary>
public sealed partial class ErrorsTests
{
    [Fact]
    public void Every_problem_code_is_explained_with_its_status_and_no_other_is()
    {
        var explained = Row().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "errors.md"))).Select(m => (m.Groups["code"].Value, m.Groups["status"].Value)).Order();

        Assert.Equal(ProblemCodes.All.Select(c => (c.Key, ((int)c.Value).ToString())).Order(), explained);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Catalog.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return folder.FullName;
    }

    [GeneratedRegex(@"^\| `(?<code>[a-z_.]+)` \| (?<status>\d+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}
