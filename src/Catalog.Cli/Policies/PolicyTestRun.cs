using System.Collections.Immutable;
using Catalog.Access;
using Catalog.Access.Policies;

namespace Catalog.Cli.Policies;

/// <summary>Holds tests against the statements of their files, as a server would answer them. None is asked.</summary>
internal sealed class PolicyTestRun
{
    private readonly PolicySet _set;
    private readonly DateTimeOffset _now;
    private CompiledPolicies? _compiled;

    /// <param name="policies">Of files.</param>
    /// <param name="now">When tests ask that do not say when.</param>
    public PolicyTestRun(WrittenPolicies policies, DateTimeOffset now)
    {
        _now = now;
        _set = policies.Groups.Aggregate(
            PolicySet.Empty with
            {
                Statements = policies.Statements.ToImmutableSortedDictionary(s => s.Id, s => s, StringComparer.Ordinal),
            },
            (set, g) => set.WithMember(g.Group, g.Member));
    }

    public TestedPolicy Answer(PolicyTest test)
    {
        var set = test.Attributes.Count == 0 ? _set : _set.WithAttributes(test.Principal, test.Attributes);
        if (test.Resource is { } node)
            set = test.Approvals.Aggregate(set, (s, by) => s.WithApproval(new Approval(node, test.Act, by, Expires: null)));
        _compiled = CompiledPolicies.Compile(set, new TestedResource(test), position: 0, _compiled);
        var request = new AccessRequest(test.Principal, test.Act, test.Resource, test.Purpose, [])
        {
            Role = test.Role,
            Address = test.Address,
        };
        var told = _compiled.Explain(request, test.At ?? _now, full: true);
        return new TestedPolicy(test, told, [.. Differences(test.Expected, told.Decision)]);
    }

    private static IEnumerable<string> Differences(ExpectedAnswer expected, AccessDecision decision)
    {
        var came = Verdicts.Of(decision.Ground);
        if (came != expected.Verdict)
            yield return $"{Verdicts.Write(expected.Verdict)} was expected, and {Verdicts.Write(came)} came.";
        if (!decision.Allowed)
            yield break;
        foreach (var difference in expected.Masks is { } masks ? Differences(masks, decision.Obligations) : [])
            yield return difference;
        if (expected.Rows is { } rows && !rows.Order(StringComparer.Ordinal).SequenceEqual(decision.Obligations.RowFilters))
            yield return $"the rows {List(rows)} were expected, and {List(decision.Obligations.RowFilters)} came.";
    }

    /// <summary>Columns that neither names are alike in both.</summary>
    private static IEnumerable<string> Differences(IReadOnlyDictionary<string, Mask> expected, AccessObligations came)
    {
        var wanted = new AccessObligations(
            [.. expected.Where(m => m.Key != "*").Select(m => new ColumnMask(m.Key, m.Value))],
            expected.GetValueOrDefault("*", Mask.None),
            []);
        if (wanted.Everywhere != came.Everywhere)
            yield return Difference("other columns", wanted.Everywhere, came.Everywhere);
        foreach (var column in wanted.Masks.Concat(came.Masks).Select(m => m.Column).Distinct(StringComparer.Ordinal))
        {
            if (wanted.MaskOf(column) != came.MaskOf(column))
                yield return Difference(column, wanted.MaskOf(column), came.MaskOf(column));
        }
    }

    private static string Difference(string column, Mask expected, Mask came) =>
        $"the mask {Masks.Write(expected)} of {column} was expected, and {Masks.Write(came)} came.";

    private static string List(IReadOnlyList<string> rows) => rows.Count == 0 ? "all" : string.Join(" and ", rows.Select(r => $"({r})"));

    /// <summary>What a test says of its resource; nothing else is known.</summary>
    private sealed class TestedResource(PolicyTest test) : IResourceFacts
    {
        private readonly TagSet _tags = TagSet.Of(test.Tags);

        public object Knowledge => this;

        public NodeId? HolderOf(NodeId node) => null;

        public TagSet TagsOf(NodeId node) => _tags;

        public IReadOnlyList<ColumnTags> ColumnTagsOf(NodeId node) => test.Columns;
    }
}

/// <summary>A test and what came of it.</summary>
/// <param name="Test">What was asked.</param>
/// <param name="Told">What was answered.</param>
/// <param name="Differences">Sentences; none where it passed.</param>
internal sealed record TestedPolicy(PolicyTest Test, AccessExplanation Told, IReadOnlyList<string> Differences)
{
    public bool Passed => Differences.Count == 0;
}
