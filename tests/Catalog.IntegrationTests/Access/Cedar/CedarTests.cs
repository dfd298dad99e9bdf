using Catalog.Access;
using Catalog.Access.Policies;

namespace Catalog.IntegrationTests.Access.Cedar;

/// <summary>
/// The gate answers as Cedar does, which others wrote and proved (https://www.cedarpolicy.com): who is let in and who is not, and by which
/// statements. Masks, row filters and approvals are not in Cedar; a statement that requires a purpose is one that forbids without it.
/// </summary>
public sealed class CedarTests
{
    private const int Cases = 5_000;
    private const int Questions = 4;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Five_thousand_sets_of_statements_are_answered_as_Cedar_answers_them()
    {
        var cedar = await CedarOracle.AskAsync(Random.Shared.Next(), Cases, Questions, Ct);

        for (var i = 0; i < cedar.Cases.Count; i++)
        {
            var difference = cedar.Cases[i].Difference();
            Assert.True(difference is null, $"Seed {cedar.Seed + i}: {difference}");
        }

        // And there is something to be told apart: every ground comes often, and statements have a part in it.
        var grounds = cedar.Cases.SelectMany(c => c.Answers).GroupBy(a => (a.Decision, IsByStatement: a.Reason.Any(IsOfStatement)))
            .ToDictionary(g => g.Key, g => g.Count());
        foreach (var ground in ((string, bool)[])[("allow", true), ("allow", false), ("deny", true), ("deny", false)])
            Assert.InRange(grounds.GetValueOrDefault(ground), Cases * Questions / 50, Cases * Questions);

        static bool IsOfStatement(string reason) => !reason.StartsWith("role:", StringComparison.Ordinal);
    }

    /// <summary>Each of these mistakes is one that could be made: Cedar tells it from what is right, many times over.</summary>
    [Fact]
    public async Task A_gate_that_makes_a_mistake_is_told_apart()
    {
        var cedar = await CedarOracle.AskAsync(seed: 1, cases: 1_000, Questions, Ct);

        foreach (var (mistake, change) in s_mistakes)
        {
            var told = cedar.Cases.Count(c => c.Difference(change) is not null);
            Assert.True(told >= 3, $"{mistake}: {told} of {cedar.Cases.Count} cases tell it apart");
        }

        var forgot = cedar.Cases.Count(c => c.Difference(facts: f => new OfThingsOnly(f)) is not null);
        Assert.True(forgot >= 3, $"versions inherit no tags: {forgot} of {cedar.Cases.Count} cases tell it apart");
    }

    private static readonly Dictionary<string, Func<PolicySet, PolicySet>> s_mistakes = new()
    {
        ["what allows goes before what forbids"] = set =>
            set.Statements.Values.Any(s => s.Effect == Effect.Allow) ? Without(set, s => s.Effect == Effect.Deny) : set,
        ["groups in groups lend nothing"] = set => set with
        {
            GroupsByMember = set.GroupsByMember.RemoveRange(
                set.GroupsByMember.Keys.Where(k => k.StartsWith("group:", StringComparison.Ordinal))),
        },
        ["groups are named as they are, and not encoded"] = set => With(set, s => s with
        {
            Principals = [.. s.Principals.Select(p => p.Replace("group:100%25", "group:100", StringComparison.Ordinal))],
        }),
        ["any purpose will do"] = set => With(set, s => s with { Purposes = [] }),
        ["what ends counts at its end"] = set => With(set, s => s with { Expires = s.Expires?.AddTicks(1) }),
        ["what begins counts a little earlier"] = set => With(set, s => s with { NotBefore = s.NotBefore?.AddHours(-1) }),
        ["what forbids in a namespace forbids in all"] = set => With(set, s => s.Effect != Effect.Deny ? s : s with
        {
            Resources = s.Resources.Any(r => r.StartsWith("namespace:", StringComparison.Ordinal)) ? [] : s.Resources,
        }),
        ["what forbids is left out where its condition errs"] = set =>
            Without(set, s => s.Effect is Effect.Deny or Effect.Require && s.When is "principal.nobody == 'x'" or "principal.id < 3"),
        ["a tag is another than those beneath it"] = set => With(set, s => s with
        {
            Tags = s.Tags?.Replace("pii.email.work", "other", StringComparison.Ordinal),
        }),
    };

    private static PolicySet Without(PolicySet set, Func<Statement, bool> isLeftOut) =>
        set with { Statements = set.Statements.RemoveRange(set.Statements.Values.Where(isLeftOut).Select(s => s.Id)) };

    private static PolicySet With(PolicySet set, Func<Statement, Statement> change) => set with
    {
        Statements = set.Statements.SetItems(set.Statements.Values.Select(s => KeyValuePair.Create(s.Id, change(s)))),
    };

    /// <summary>As if versions inherited no tags, neither of their things nor along lineage.</summary>
    private sealed class OfThingsOnly(IResourceFacts all) : IResourceFacts
    {
        public object Knowledge => all.Knowledge;

        public NodeId? HolderOf(NodeId node) => all.HolderOf(node);

        public TagSet TagsOf(NodeId node) => node.Version is null ? all.TagsOf(node) : TagSet.Empty;

        public IReadOnlyList<ColumnTags> ColumnTagsOf(NodeId node) => all.ColumnTagsOf(node);
    }
}
