using System.Collections.Immutable;
using Catalog.Access;
using Catalog.Access.Policies;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Access;

/// <summary>The compiled policies answer what the rules say, whatever the statements, in whatever order, asked once or again.</summary>
public sealed class PolicyPropertyTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] s_people = ["ada", "bob", "eve"];
    private static readonly string[] s_groups = ["fraud", "risk", "all"];
    private static readonly string[] s_tags = ["pii", "pii.email", "public", "gold"];
    private static readonly string[] s_columns = ["id", "email", "amount"];
    private static readonly NodeId s_node = NodeId.Dataset("demo", "flights", 3);

    private static readonly Gen<string> s_principal = Gen.OneOf(
        AnyOf("*"), AnyOf(s_people), AnyOf(s_groups).Select(g => $"group:{g}"));

    private static readonly Gen<string> s_resource = Gen.OneOf(
        "*", "namespace:demo", "namespace:lab", "dataset:*", "dataset:demo/*", "dataset:lab/*", "dataset:demo/flights",
        "dataset:demo/flights@3", "dataset:demo/flights@2", "dataset:demo/other");

    private static readonly Gen<string> s_expression = Gen.OneOf(
        AnyOf(s_tags), AnyOf(s_tags).Select(t => $"not {t}"),
        Gen.Select(AnyOf(s_tags), AnyOf("and", "or"), AnyOf(s_tags)).Select((a, o, b) => $"{a} {o} {b}"));

    private static readonly Gen<DateTimeOffset?> s_time =
        AnyOf<DateTimeOffset?>(null, null, s_now.AddDays(-1), s_now, s_now.AddDays(1));

    private static readonly Gen<Statement> s_statement =
        from effect in Gen.Enum<Effect>()
        from principals in s_principal.Array[1, 2]
        from actions in AnyOf("*", "read", "read-data", "alias").Array[1, 2]
        from resources in s_resource.Array[0, 2]
        from tags in Gen.OneOf(Gen.Const((string?)null), s_expression.Select(e => (string?)e))
        from purposes in AnyOf("training", "analytics").Array[0, 2]
        from notBefore in s_time
        from columns in AnyOf(s_columns).Array[0, 2]
        from ofColumn in Gen.Bool
        from mask in AnyOf(Mask.LastFour, Mask.Year, Mask.Hash, Mask.Null)
        from row in AnyOf("amount < 5", "id > 1")
        from approvals in Gen.Int[0, 2]
        from approvedBy in AnyOf<string?>(null, "fraud", "risk")
        select new Statement(
            "s", effect, principals, effect is Effect.Mask or Effect.Filter ? [] : actions,
            effect == Effect.Mask && ofColumn
                ? [.. resources.Select(r => r.EndsWith("flights", StringComparison.Ordinal) ? $"{r}#email" : r)] : resources,
            tags, purposes, When: null, notBefore, Expires: notBefore is null ? null : s_now.AddDays(2),
            effect == Effect.Mask ? columns : [], effect == Effect.Mask ? mask : null, effect == Effect.Filter ? row : null,
            effect == Effect.Require ? new Requirement(approvals, approvals > 0 ? approvedBy : null, Purpose: approvals == 0) : null,
            "because");

    private static readonly Gen<PolicySet> s_set =
        from statements in s_statement.Array[1, 8]
        from members in Gen.Select(
            AnyOf(s_groups), Gen.OneOf(AnyOf(s_people), AnyOf(s_groups).Select(g => $"group:{g}"))).Array[0, 5]
        from approvals in Gen.Select(
            AnyOf(s_node, s_node.WithoutVersion(), s_node.WithVersion(2)), AnyOf(s_people), s_time,
            AnyOf(Act.Read, Act.ReadData)).Array[0, 3]
        select approvals.Aggregate(
            members.Aggregate(
                PolicySet.Empty with
                {
                    Statements = statements.Index().ToImmutableSortedDictionary(
                        s => $"s{s.Index}", s => s.Item with { Id = $"s{s.Index}" }, StringComparer.Ordinal),
                },
                (set, m) => set.WithMember(m.Item1, m.Item2)),
            (set, a) => set.WithApproval(new Approval(a.Item1, a.Item4, a.Item2, a.Item3)));

    private static readonly Gen<(AccessRequest Request, string[] Tags, Dictionary<string, IReadOnlyList<string>> Columns)> s_question =
        from principal in AnyOf(s_people)
        from role in AnyOf(Role.None, Role.None, Role.Reader)
        from act in AnyOf(Act.Read, Act.ReadData, Act.ReadData, Act.Alias)
        from purpose in AnyOf<Purpose?>(null, Purpose.Training, Purpose.Analytics)
        from tags in AnyOf(s_tags).Array[0, 2]
        from columns in AnyOf(s_tags).Array[0, 2].Array[s_columns.Length]
        select (new AccessRequest(principal, act, s_node, purpose, []) { Role = role }, tags,
            s_columns.Zip(columns).ToDictionary(c => c.First, c => (IReadOnlyList<string>)c.Second));

    [Fact]
    public void Compiled_policies_answer_what_the_rules_say() => Gen.Select(s_set, s_question.Array[1, 6]).Sample(
        (set, questions) =>
        {
            foreach (var (request, tags, columns) in questions)
            {
                var compiled = CompiledPolicies.Compile(set, new Known(tags, columns), position: 1);
                var decision = compiled.Answer(request, s_now);
                var (ground, masks, rows) = NaivePolicies.Answer([.. set.Statements.Values], set, request, s_now, tags, columns);

                Assert.Equal(ground, decision.Ground);
                Assert.Same(decision, compiled.Answer(request, s_now));
                if (ground != AccessGround.Allowed || request.Act != Act.ReadData)
                    continue;
                Assert.Equal(rows, decision.Obligations.RowFilters);
                Assert.Equal(masks, s_columns.ToDictionary(c => c, decision.Obligations.MaskOf));
            }
        },
        iter: 20_000);

    [Fact]
    public void A_reader_whom_no_statement_can_bind_is_refused_nothing() => Gen.Select(s_set, s_question).Sample(
        (set, question) =>
        {
            var compiled = CompiledPolicies.Compile(set, new Known(question.Tags, question.Columns), position: 1);
            var request = question.Request with { Act = Act.Read, Role = Role.Reader };
            if (!compiled.CanBind(request.Principal, request.Act))
                Assert.True(compiled.Answer(request, s_now).Allowed);
        },
        iter: 5_000);

    [Fact]
    public void What_time_does_not_turn_is_answered_alike_at_all_times() => Gen.Select(s_set, s_question, s_time).Sample(
        (set, question, other) =>
        {
            var compiled = CompiledPolicies.Compile(set, new Known(question.Tags, question.Columns), position: 1);
            var later = other ?? s_now.AddYears(9);
            if (!compiled.TurnsWithTime)
                Assert.Equal(compiled.Answer(question.Request, s_now).Ground, compiled.Answer(question.Request, later).Ground);
        },
        iter: 5_000);

    [Fact]
    public void A_statement_that_begins_or_ends_counts_at_that_moment() => Gen.Select(s_set, s_question, s_time).Sample(
        (set, question, other) =>
        {
            var compiled = CompiledPolicies.Compile(set, new Known(question.Tags, question.Columns), position: 1);
            foreach (var time in (DateTimeOffset[])[s_now, other ?? s_now.AddDays(3), s_now.AddTicks(-1), s_now])
            {
                var (ground, _, _) = NaivePolicies.Answer(
                    [.. set.Statements.Values], set, question.Request, time, question.Tags, question.Columns);
                Assert.Equal(ground, compiled.Answer(question.Request, time).Ground);
            }
        },
        iter: 5_000);

    [Fact]
    public void What_a_question_brings_along_counts_like_what_is_known() => Gen.Select(s_set, s_question).Sample(
        (set, question) =>
        {
            var knows = CompiledPolicies.Compile(set, new Known(question.Tags, question.Columns), position: 1);
            var told = CompiledPolicies.Compile(set, new Known([], question.Columns), position: 1);
            var (a, b) = (knows.Answer(question.Request, s_now), told.Answer(question.Request with { Tags = question.Tags }, s_now));
            Assert.Equal((a.Ground, a.Obligations), (b.Ground, b.Obligations));
        },
        iter: 5_000);

    [Fact]
    public void A_refusal_is_explained_by_permissions_that_fail_at_one_clause() => Gen.Select(s_set, s_question).Sample(
        (set, question) =>
        {
            var compiled = CompiledPolicies.Compile(set, new Known(question.Tags, question.Columns), position: 1);
            var told = compiled.Explain(question.Request, s_now, full: true);
            Assert.Equal(compiled.Answer(question.Request, s_now).Ground, told.Decision.Ground);
            foreach (var near in told.NearMisses)
            {
                // With that clause mended, the permission would count.
                var statement = Mended(set.Statements[near.Statement], near.Clause, question.Request);
                var alone = PolicySet.Empty with { Statements = PolicySet.Empty.Statements.Add(statement.Id, statement) };
                Assert.True(CompiledPolicies.Compile(
                        alone with { GroupsByMember = set.GroupsByMember }, new Known(question.Tags, question.Columns), position: 1)
                    .Answer(question.Request with { Role = Role.None }, s_now).Allowed);
            }
        },
        iter: 5_000);

    private static Gen<T> AnyOf<T>(params T[] all) => Gen.Int[0, all.Length - 1].Select(i => all[i]);

    private static Statement Mended(Statement s, string clause, AccessRequest request) => clause switch
    {
        "principals" => s with { Principals = [request.Principal] },
        "actions" => s with { Actions = [Acts.Write(request.Act)] },
        "resources" => s with { Resources = [] },
        "tags" => s with { Tags = null },
        "purposes" => s with { Purposes = [] },
        "notBefore" => s with { NotBefore = null },
        "expires" => s with { Expires = null },
        _ => throw new ArgumentOutOfRangeException(nameof(clause), clause, "No such clause fails here."),
    };

    private sealed class Known(IReadOnlyList<string> tags, IReadOnlyDictionary<string, IReadOnlyList<string>> columns) : IResourceFacts
    {
        private readonly TagSet _tags = TagSet.Of(tags);

        public object Knowledge => this;

        public NodeId? HolderOf(NodeId node) => null;

        public TagSet TagsOf(NodeId node) => _tags;

        public IReadOnlyList<ColumnTags> ColumnTagsOf(NodeId node) =>
            [.. columns.Where(c => c.Value.Count > 0).Select(c => new ColumnTags(c.Key, TagSet.Of(c.Value)))];
    }
}
