using System.Collections.Immutable;
using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Lineage;

namespace Catalog.Benchmarks.Access;

/// <summary>
/// A thousand statements, none of which binds one reader of a view and a dataset that bear tags; and the same with a few more that do.
/// </summary>
internal sealed class GovernedPolicies
{
    private const int Count = 1_000;
    private const string Reader = "reader";
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly PolicyView _before;
    private readonly InheritedTags _resources;
    private readonly PolicySet _set;

    /// <param name="before">What stands, of which there is no statement.</param>
    /// <param name="things">That are read; each bears two tags.</param>
    public GovernedPolicies(PolicyView before, params IReadOnlyList<NodeId> things)
    {
        var (graph, tags, random) = (new TemporalGraph(), new TagHistories(), new Random(42));
        foreach (var (thing, i) in things.Select((t, i) => (t, i)))
        {
            graph.Hold(graph.Node(thing), graph.Node(thing.WithVersion(1)), LineageRelation.Version, s_now.UtcTicks, 1);
            foreach (var tag in (string[])[$"tag-{i}", "tag-9"])
                tags.PutOn(thing, tag, s_now.UtcTicks, 1);
        }

        graph.Publish(1);
        tags.Publish(1);
        IReadOnlyList<NodeId> others = [.. Enumerable.Range(0, 500).Select(i => NodeId.Dataset($"ns{i}", $"d{i}", 1))];
        var statements = Enumerable.Range(0, Count).Select(i => PolicyBenchmark.Statement(i, others, random))
            .Append(new Statement(
                "tagged", Effect.Allow, ["*"], ["read-data"], ["*"], "tag-9", [], null, null, null, [], null, null, null, "because"))
            .ToList();
        var all = Of(statements);
        _resources = InheritedTags.Of(
            graph.Current, tags.Current, Moment.Latest, TagNames.Of(all), ImmutableDictionary<string, IReadOnlySet<NodeId>>.Empty);
        (_before, _set) = (before, Of(statements.Where(s => things.All(t => BindsNothing(s, t)))));
    }

    public static string Principal => Reader;

    /// <summary>No statements at all.</summary>
    public PolicyView None => _before;

    public int Statements => _set.Statements.Count;

    /// <summary>All of them, and masks on columns of the reader.</summary>
    public PolicyView With(params IEnumerable<(string Column, Mask Mask)> masks) => View(masks.Select(m => new Statement(
        $"own-{m.Column}", Effect.Mask, [Reader], [], ["*"], null, [], null, null, null, [m.Column], m.Mask, null, null, "because")));

    /// <summary>All of them, and what rows of the reader have to meet.</summary>
    public PolicyView WithRows(string rows) => View([new Statement(
        "own-rows", Effect.Filter, [Reader], [], ["*"], null, [], null, null, null, [], null, rows, null, "because")]);

    private PolicyView View(IEnumerable<Statement> more) => _before with
    {
        Policies = CompiledPolicies.Compile(
            _set with { Statements = _set.Statements.AddRange(more.Select(s => KeyValuePair.Create(s.Id, s))) }, _resources,
            _before.Position),
        Resources = _resources,
    };

    private static PolicySet Of(IEnumerable<Statement> statements)
    {
        var set = Enumerable.Range(0, 5).Aggregate(PolicySet.Empty, (s, i) => s.WithMember($"g{i}", Reader));
        return set with { Statements = statements.ToImmutableSortedDictionary(s => s.Id, s => s, StringComparer.Ordinal) };
    }

    private bool BindsNothing(Statement statement, NodeId thing)
    {
        var one = CompiledPolicies.Compile(Of([statement]), _resources, 1);
        var answer = one.Answer(
            new AccessRequest(Reader, Act.ReadData, thing.WithVersion(1), Purpose: null, []) { Role = Role.Reader }, s_now);
        return answer is { Allowed: true, Obligations.IsNone: true };
    }
}
