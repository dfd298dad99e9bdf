using Catalog.Cli.Policies;
using Xunit;

namespace Catalog.Tests.Docs;

/// <summary>The policies that docs/access.md shows are read as it says, and answer what their tests say.</summary>
public sealed class PolicyExampleTests
{
    private static readonly string s_file = Repository.File("docs", "policies", "lab.yaml");

    [Fact]
    public void The_file_that_is_shown_is_the_one_that_is_there() =>
        Assert.Equal(File.ReadAllText(s_file).ReplaceLineEndings("\n"), Assert.Single(Document.Load("docs/access.md").Blocks("yaml")));

    [Fact]
    public void Its_tests_pass()
    {
        var policies = PolicyFiles.Read([s_file]);
        var run = new PolicyTestRun(policies, new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(6, policies.Tests.Count);
        Assert.All(policies.Tests, test => Assert.Empty(run.Answer(test).Differences));
    }
}
