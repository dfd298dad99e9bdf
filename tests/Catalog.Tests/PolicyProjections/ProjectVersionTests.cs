using Catalog.Datasets;
using Xunit;
using static Catalog.Tests.Datasets.Flights;

namespace Catalog.Tests.PolicyProjections;

/// <summary>Recording what was made of a version.</summary>
public sealed class ProjectVersionTests
{
    private static readonly VersionProjected s_made = new(
        1, new('1', 64), new('2', 64), new('3', 64), Files: 2, Bytes: 20, Rows: 10, [new("origin", "hash")], Filtered: true);

    [Fact]
    public void What_was_made_of_a_version_is_recorded() =>
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a')))
            .When(s => ProjectVersion.Decide(s, Node, s_made)).Then(s_made);

    [Fact]
    public void Versions_of_what_was_retired_are_still_read_and_shown() =>
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a')), new DatasetRetired("old"))
            .When(s => ProjectVersion.Decide(s, Node, s_made)).Then(s_made);

    [Fact]
    public void Of_what_is_not_there_nothing_is_made()
    {
        Scenario.Given<Dataset>().When(s => ProjectVersion.Decide(s, Node, s_made)).ThenRefused("dataset.not_found");
        Scenario.Given<Dataset>(Registered).When(s => ProjectVersion.Decide(s, Node, s_made)).ThenRefused("version.not_found");
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a')))
            .When(s => ProjectVersion.Decide(s, Node, s_made with { Number = 0 })).ThenRefused("version.not_found");
        Scenario.Given<Dataset>(Registered, Observed(1))
            .When(s => ProjectVersion.Decide(s, Node, s_made)).ThenRefused("version.not_sealed");
    }
}
