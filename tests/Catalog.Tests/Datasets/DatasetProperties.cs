using Catalog.Datasets;
using Catalog.Schemas;
using CsCheck;
using Xunit;
using static Catalog.Tests.Datasets.Flights;

namespace Catalog.Tests.Datasets;

/// <summary>What holds for every history of a dataset, whatever was asked in whatever order.</summary>
public sealed class DatasetProperties
{
    private static readonly Gen<string> s_word = Gen.OneOf("gold", "pii", "a", "b");

    private static readonly Gen<TableSchema> s_schema = Gen.Select(
        Gen.OneOf("int8", "int32", "int64", "string", "float64"), Gen.Bool, Gen.Bool, (type, nullable, more) =>
            more ? Schema(new Column("a", type, nullable), Optional("b")) : Schema(new Column("a", type, nullable)));

    private static readonly Gen<Func<Dataset?, Decision>> s_ask = Gen.OneOf(
        Gen.OneOf("team-data", "team-b").Select(owner => Ask(s => RegisterDataset.Decide(s, new("demo", "flights", owner)))),
        Gen.OneOf("", "Text.").Select(text =>
            Ask(s => DescribeDataset.Decide(s, new("demo", "flights", new(Documentation: text), ExpectedStreamVersion: null)))),
        Gen.Select(s_word, Gen.Bool, (tag, on) => Ask(s => TagDataset.Decide(s, new("demo", "flights", Column: null, tag, on)))),
        Gen.Select(s_word, Gen.Bool, (tag, on) => Ask(s => TagDataset.Decide(s, new("demo", "flights", "a", tag, on)))),
        Gen.OneOf(Compatibility.None, Compatibility.Backward).Select(mode =>
            Ask(s => DeclareCompatibility.Decide(s, new("demo", "flights", mode)))),
        Gen.Select(s_word, Gen.Long[1, 6], Gen.Bool, (alias, number, on) =>
            Ask(s => AliasVersion.Decide(s, new("demo", "flights", alias, on ? number : null, ExpectedStreamVersion: null)))),
        Gen.Select(Gen.Char['a', 'd'], s_schema, Gen.Long[-1, 4], (letter, schema, parent) =>
            Ask(s => Commit(s, Content(letter, schema), new(ExpectedParent: parent < 0 ? null : parent)))),
        Gen.Long[-1, 4].Select(parent => Ask(s => Observe(s, new(ExpectedParent: parent < 0 ? null : parent, Observed: true)))),
        Gen.Select(Gen.Long[1, 6], Gen.Char['a', 'd'], s_schema, (number, letter, schema) =>
            Ask(s => Seal(s, number, Content(letter, schema)))),
        Gen.Frequency(
            (9, Gen.Const(Ask(_ => Decision.Unchanged))),
            (1, Gen.Const(Ask(s => RetireDataset.Decide(s, new("demo", "flights", "Old.")))))));

    [Fact]
    public void Numbers_are_dense_and_each_follows_the_one_before() => s_ask.Array[0, 40].Sample(asks =>
    {
        var facts = Live(asks);

        Assert.Equal(
            Enumerable.Range(1, facts.Count(f => f is VersionCommitted or VersionObserved))
                .Select(n => ((long)n, n == 1 ? (long?)null : n - 1)),
            facts.OfType<VersionCommitted>().Select(f => (f.Number, f.Parent))
                .Concat(facts.OfType<VersionObserved>().Select(f => (f.Number, f.Parent)))
                .OrderBy(v => v.Number));
    });

    [Fact]
    public void What_was_accepted_folds_to_a_state_that_agrees_with_it() => s_ask.Array[0, 40].Sample(asks =>
    {
        var facts = Live(asks);
        var state = Scenario.Fold<Dataset>(facts) ?? throw new InvalidOperationException("It was registered.");

        Assert.Equal(facts.Count(f => f is VersionCommitted or VersionObserved), state.Latest);
        Assert.All(state.Aliases.Values, number => Assert.InRange(number, 1, state.Latest));
        Assert.All(state.Observed, number => Assert.InRange(number, 1, state.Latest));
        Assert.Equal(
            facts.OfType<VersionObserved>().Select(f => f.Number).Except(facts.OfType<VersionSealed>().Select(f => f.Number)).Order(),
            state.Observed.Order());
        Assert.Equal(facts.OfType<DatasetRetired>().Any(), state.Retired);
    });

    [Fact]
    public void Nothing_follows_retirement() => s_ask.Array[0, 60].Sample(asks =>
    {
        var facts = Live(asks);

        Assert.True(facts.FindIndex(f => f is DatasetRetired) is var end && (end < 0 || end == facts.Count - 1));
    });

    /// <summary>Observing is the exception: what was only heard of cannot be known to be the same.</summary>
    [Fact]
    public void Asking_twice_changes_nothing_the_second_time() => Gen.Select(s_ask.Array[0, 20], s_ask).Sample((asks, ask) =>
    {
        var state = Scenario.Fold<Dataset>(Live(asks));
        if (ask(state) is Decision.Accepted { Facts: [not VersionObserved, ..] } accepted)
            Assert.Same(Decision.Unchanged, ask(accepted.Facts.Aggregate(state, Dataset.Fold)));
    });

    [Fact]
    public void A_promise_of_compatibility_refuses_exactly_the_breaking_changes() =>
        Gen.Select(s_schema, s_schema, Gen.Bool).Sample((before, after, promised) =>
        {
            var state = Scenario.Fold<Dataset>(
                Registered,
                Committed(1, Content('a', before)),
                new CompatibilityDeclared(promised ? Compatibility.Backward : Compatibility.None));
            var breaks = SchemaComparison.Compare(before, after).Level == SchemaChangeLevel.Major;
            var decision = Commit(state, Content('b', after));

            Assert.Equal(promised && breaks, decision is Decision.Refused { Code: "schema.breaking" });
            Assert.Equal(!(promised && breaks), decision is Decision.Accepted { Facts: [VersionCommitted] });
        });

    private static Func<Dataset?, Decision> Ask(Func<Dataset?, Decision> ask) => ask;

    /// <summary>Registers the dataset, asks everything in order, and keeps what was accepted.</summary>
    private static List<object> Live(Func<Dataset?, Decision>[] asks)
    {
        var facts = new List<object> { Registered };
        var state = Dataset.Fold(state: null, Registered);
        foreach (var ask in asks)
        {
            if (ask(state) is not Decision.Accepted accepted)
                continue;
            facts.AddRange(accepted.Facts);
            state = accepted.Facts.Aggregate(state, Dataset.Fold);
        }

        return facts;
    }
}
