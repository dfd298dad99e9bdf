using Catalog.Datasets;
using Xunit;
using static Catalog.Tests.Datasets.Flights;

namespace Catalog.Tests.Datasets;

/// <summary>Registering, describing, tagging, aliasing, declaring and retiring.</summary>
public sealed class DatasetDecisionTests
{
    private static readonly RegisterDataset.Command s_register = new("demo", "flights", "team-data", "About delays.", ["pii"]);

    [Fact]
    public void A_new_name_is_registered_and_registering_it_again_is_unchanged() =>
        Scenario.Given<Dataset>()
            .When(s => RegisterDataset.Decide(s, s_register)).Then(
                new DatasetRegistered("demo", "flights", "team-data", "About delays.", ["pii"]))
            .When(s => RegisterDataset.Decide(s, s_register)).ThenUnchanged();

    [Fact]
    public void What_is_left_out_at_registration_is_empty() =>
        Scenario.Given<Dataset>().When(s => RegisterDataset.Decide(s, new("demo", "flights", "team-data"))).Then(Registered);

    [Fact]
    public void A_name_of_another_owner_is_taken() =>
        Scenario.Given<Dataset>(Registered)
            .When(s => RegisterDataset.Decide(s, s_register with { Owner = "team-b" })).ThenRefused("dataset.exists");

    [Fact]
    public void A_retired_name_is_never_reused() =>
        Scenario.Given<Dataset>(Registered, new DatasetRetired("Old."))
            .When(s => RegisterDataset.Decide(s, s_register)).ThenRefused("dataset.retired");

    [Fact]
    public void A_description_keeps_what_it_does_not_mention()
    {
        var sheet = new Datasheet(Licence: "CC0-1.0");

        Scenario.Given<Dataset>(Registered)
            .When(s => Describe(s, new(Datasheet: sheet))).Then(new DatasetDescribed("team-data", "", sheet))
            .When(s => Describe(s, new(Owner: "team-b"))).Then(new DatasetDescribed("team-b", "", sheet))
            .When(s => Describe(s, new(Documentation: "New."))).Then(new DatasetDescribed("team-b", "New.", sheet))
            .When(s => Describe(s, new("team-b", "New.", sheet with { }))).ThenUnchanged()
            .When(s => Describe(s, new())).ThenUnchanged();
    }

    [Fact]
    public void A_tag_is_put_on_once_and_taken_off_once() =>
        Scenario.Given<Dataset>(Registered)
            .When(s => Tag(s, column: null, "pii", present: true)).Then(new DatasetTagged("pii"))
            .When(s => Tag(s, column: null, "pii", present: true)).ThenUnchanged()
            .When(s => Tag(s, column: null, "pii", present: false)).Then(new DatasetUntagged("pii"))
            .When(s => Tag(s, column: null, "pii", present: false)).ThenUnchanged();

    [Fact]
    public void Tags_differ_by_case() =>
        Scenario.Given<Dataset>(Registered, new DatasetTagged("PII"))
            .When(s => Tag(s, column: null, "pii", present: true)).Then(new DatasetTagged("pii"));

    [Fact]
    public void A_column_that_is_there_can_be_tagged()
    {
        var version = Committed(1, Content('a', Schema(Required("a.b"), Optional("legs", "int64"))));

        Scenario.Given<Dataset>(Registered, version)
            .When(s => Tag(s, @"a\.b", "pii", present: true)).Then(new ColumnTagged(@"a\.b", "pii"))
            .When(s => Tag(s, @"a\.b", "pii", present: true)).ThenUnchanged()
            .When(s => Tag(s, "legs", "pii", present: true)).Then(new ColumnTagged("legs", "pii"))
            .When(s => Tag(s, @"a\.b", "pii", present: false)).Then(new ColumnUntagged(@"a\.b", "pii"))
            .When(s => Tag(s, "a", "pii", present: true)).ThenRefused("column.not_found");
    }

    [Fact]
    public void A_column_of_no_schema_cannot_be_tagged_but_a_tag_that_outlived_its_column_can_go()
    {
        Scenario.Given<Dataset>(Registered).When(s => Tag(s, "delay", "pii", present: true)).ThenRefused("column.not_found");
        Scenario.Given<Dataset>(
                Registered,
                Committed(1, Content('a', Schema(Required("x"), Required("delay")))),
                new ColumnTagged("delay", "pii"),
                Committed(2, Content('b', Schema(Required("x")))))
            .When(s => Tag(s, "delay", "pii", present: false)).Then(new ColumnUntagged("delay", "pii"))
            .When(s => Tag(s, "delay", "pii", present: false)).ThenUnchanged();
    }

    [Fact]
    public void A_column_tag_is_not_a_tag_of_the_dataset() =>
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a', Schema(Required("x")))), new ColumnTagged("x", "pii"))
            .When(s => Tag(s, column: null, "pii", present: false)).ThenUnchanged();

    [Fact]
    public void Compatibility_is_declared_once() =>
        Scenario.Given<Dataset>(Registered)
            .When(s => Declare(s, Compatibility.None)).ThenUnchanged()
            .When(s => Declare(s, Compatibility.Backward)).Then(new CompatibilityDeclared(Compatibility.Backward))
            .When(s => Declare(s, Compatibility.Backward)).ThenUnchanged()
            .When(s => Declare(s, Compatibility.None)).Then(new CompatibilityDeclared(Compatibility.None));

    [Fact]
    public void An_alias_points_to_a_version_that_is_there() =>
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a')), Committed(2, Content('b')))
            .When(s => Alias(s, "gold", 1)).Then(new AliasSet("gold", 1))
            .When(s => Alias(s, "gold", 1)).ThenUnchanged()
            .When(s => Alias(s, "gold", 2)).Then(new AliasSet("gold", 2))
            .When(s => Alias(s, "gold", number: null)).Then(new AliasRemoved("gold"))
            .When(s => Alias(s, "gold", number: null)).ThenUnchanged()
            .When(s => Alias(s, "gold", 3)).ThenRefused("version.not_found", "the latest is 2");

    [Fact]
    public void An_alias_may_point_to_an_observed_version() =>
        Scenario.Given<Dataset>(Registered, Observed(1)).When(s => Alias(s, "heard", 1)).Then(new AliasSet("heard", 1));

    [Fact]
    public void A_dataset_without_versions_takes_no_alias() =>
        Scenario.Given<Dataset>(Registered).When(s => Alias(s, "gold", 1)).ThenRefused("version.not_found");

    [Fact]
    public void A_dataset_is_retired_once() =>
        Scenario.Given<Dataset>(Registered)
            .When(s => RetireDataset.Decide(s, new("demo", "flights", "Old."))).Then(new DatasetRetired("Old."))
            .When(s => RetireDataset.Decide(s, new("demo", "flights", "Older."))).ThenUnchanged();

    [Fact]
    public void Nothing_is_decided_about_what_is_not_there() =>
        Assert.All(Changes(), change => Scenario.Given<Dataset>().When(change).ThenRefused("dataset.not_found", "demo/flights"));

    [Fact]
    public void What_is_retired_takes_no_change() =>
        Assert.All(
            Changes().Take(Changes().Count - 1),
            change => Scenario.Given<Dataset>(Registered, Observed(1), new DatasetRetired("Old."))
                .When(change).ThenRefused("dataset.retired"));

    /// <summary>Every change there is; retiring, last, may be repeated.</summary>
    private static IReadOnlyList<Func<Dataset?, Decision>> Changes() =>
    [
        s => Describe(s, new(Owner: "x")),
        s => Tag(s, column: null, "pii", present: true),
        s => Tag(s, "delay", "pii", present: false),
        s => Declare(s, Compatibility.Backward),
        s => Alias(s, "gold", 1),
        s => Alias(s, "gold", number: null),
        s => Commit(s, Content('a')),
        s => Observe(s),
        s => Seal(s, 1, Content('a')),
        s => RetireDataset.Decide(s, new("demo", "flights", "Old.")),
    ];

    private static Decision Describe(Dataset? state, DescribeDataset.Body body) =>
        DescribeDataset.Decide(state, new("demo", "flights", body, ExpectedStreamVersion: null));

    private static Decision Tag(Dataset? state, string? column, string tag, bool present) =>
        TagDataset.Decide(state, new("demo", "flights", column, tag, present));

    private static Decision Declare(Dataset? state, Compatibility mode) => DeclareCompatibility.Decide(state, new("demo", "flights", mode));

    private static Decision Alias(Dataset? state, string alias, long? number) =>
        AliasVersion.Decide(state, new("demo", "flights", alias, number, ExpectedStreamVersion: null));
}
