using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Lineage;

namespace Catalog.Benchmarks.Access;

/// <summary>
/// What a decision takes with ten thousand statements over a million nodes, asked for the first time and again; what it takes to compile
/// policies anew after one statement changed, after a tag was put on, and after lineage grew; and, as the peer, the same decision by
/// looking at every statement in turn.
/// </summary>
internal static class PolicyBenchmark
{
    private const int Tags = 20;
    private const int Groups = 200;
    private const int People = 2_000;
    private const int Questions = 50_000;
    private const int Rounds = 5;

    /// <summary>Rounds of questions in which code is compiled, and which do not count.</summary>
    private const int WarmingUp = 2;

    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <param name="args">
    /// Statements (10,000), nodes (1,000,000), and <c>apart</c> where tags are to stay in the pipelines that they are put on.
    /// </param>
    public static int Run(string[] args)
    {
        var statements = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        var nodes = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
        var random = new Random(42);
        var (graph, tags, versions) = Grow(nodes, areApart: args is [_, _, "apart", ..], random);
        var set = Write(statements, versions, random);
        var names = TagNames.Of(set);
        var ends = ImmutableDictionary<string, IReadOnlySet<NodeId>>.Empty;
        Console.WriteLine($"{statements:N0} statements, {graph.Current.NodeCount:N0} nodes, {graph.Current.EdgeCount:N0} edges");

        InheritedTags resources = Follow();
        Time("following tags through the graph, from nothing", () => resources = Follow());
        CompiledPolicies policies = CompiledPolicies.Compile(set, resources, 1);
        Time("compiling all statements, from nothing", () => policies = CompiledPolicies.Compile(set, resources, 1));
        Time("after a statement changed", () => policies = CompiledPolicies.Compile(Changed(set), resources, 2, policies));
        Time("after lineage grew where nothing bears a tag", () => Grown(graph));
        Time("after a tag was put on a dataset", () => Tagged(tags, versions));

        var questions = Ask(versions, random);
        var asked = Enumerable.Range(0, Rounds + WarmingUp).Select(_ => Asked(questions)).Skip(WarmingUp).ToList();
        Report("asked for the first time", Median(asked.Select(a => a.First)));
        Report("asked again", Median(asked.Select(a => a.Again)));
        foreach (var ground in questions.GroupBy(q => policies.Answer(q, s_now).Ground))
            Console.WriteLine($"{ground.Key,-50} {100.0 * ground.Count() / Questions,8:0.0} % of the answers");
        var all = set.Statements.Values.Select(s => (s, Single(s, resources))).ToList();
        Report("peer: every statement in turn", Sample(questions.Take(200), q => all.Count(s => s.Item2.Answer(q, s_now).Allowed)));
        return 0;

        InheritedTags Follow(InheritedTags? previous = null) =>
            InheritedTags.Of(graph.Current, tags.Current, Moment.Latest, names, ends, previous);

        // Of policies that remember nothing and know nobody yet.
        (double[] First, double[] Again) Asked(AccessRequest[] all)
        {
            policies = CompiledPolicies.Compile(Changed(set), resources, resources.Position, policies);
            return (Sample(all, q => policies.Answer(q, s_now)), Sample(all, q => policies.Answer(q, s_now)));
        }

        void Grown(TemporalGraph into)
        {
            var ns = "grown";
            var (from, to) = (NodeId.Dataset(ns, $"d{into.Current.NodeCount}", 1), NodeId.Run(Guid.CreateVersion7()));
            into.Hold(into.Node(from), into.Node(to), LineageRelation.Input, s_now.UtcTicks, into.Current.Position + 1);
            into.Publish(into.Current.Position + 1);
            resources = Follow(resources);
            policies = CompiledPolicies.Compile(policies.Set, resources, into.Current.Position, policies);
        }

        void Tagged(TagHistories on, IReadOnlyList<NodeId> some)
        {
            var position = graph.Current.Position + 1;
            on.PutOn(some[random.Next(some.Count)].WithoutVersion(), "tag-1", s_now.UtcTicks, position);
            on.Publish(position);
            graph.Publish(position);
            resources = Follow(resources);
            policies = CompiledPolicies.Compile(policies.Set, resources, position, policies);
        }
    }

    /// <summary>
    /// Pipelines of a hundred datasets of two versions each, made by runs from three others; every other pipeline has a tag at its
    /// beginning. Where they are not apart, some are made from the pipeline before, so that in the end most bear every tag.
    /// </summary>
    private static (TemporalGraph Graph, TagHistories Tags, IReadOnlyList<NodeId> Versions) Grow(int nodes, bool areApart, Random random)
    {
        var (graph, tags, versions) = (new TemporalGraph(), new TagHistories(), new List<NodeId>());
        var position = 0L;
        for (var d = 0; versions.Count * 5 / 2 < nodes; d++)
        {
            var dataset = NodeId.Dataset($"ns{d % 500}", $"dataset-{d}");
            if (d % 200 == 0)
                tags.PutOn(dataset, $"tag-{random.Next(Tags)}", s_now.UtcTicks, position + 1);
            for (var number = 1; number <= 2; number++)
            {
                var (version, run) = (dataset.WithVersion(number), NodeId.Run(new Guid(d, (short)number, 0, new byte[8])));
                graph.Hold(graph.Node(dataset), graph.Node(version), LineageRelation.Version, s_now.UtcTicks, ++position);
                for (var i = 0; i < 3 && d % 100 > 0; i++)
                {
                    var back = Math.Min(versions.Count, (d % 100 * 2) + number - (areApart ? 1 : 0));
                    var near = versions[versions.Count - 1 - random.Next(back)];
                    graph.Hold(graph.Node(near), graph.Node(run), LineageRelation.Input, s_now.UtcTicks, position);
                }

                graph.Hold(graph.Node(run), graph.Node(version), LineageRelation.Output, s_now.UtcTicks, position);
                versions.Add(version);
            }
        }

        graph.Publish(position);
        tags.Publish(position);
        return (graph, tags, versions);
    }

    private static PolicySet Write(int count, IReadOnlyList<NodeId> versions, Random random)
    {
        var set = PolicySet.Empty;
        for (var person = 0; person < People; person++)
        {
            for (var i = 0; i < 5; i++)
                set = set.WithMember($"g{random.Next(Groups)}", $"p{person}");
        }

        var statements = Enumerable.Range(0, count).Select(i => Statement(i, versions, random));
        return set with { Statements = statements.ToImmutableSortedDictionary(s => s.Id, s => s, StringComparer.Ordinal) };
    }

    /// <summary>The statement of a number: a tenth deny, a fifth mask, a tenth filter, the rest allow.</summary>
    internal static Statement Statement(int i, IReadOnlyList<NodeId> versions, Random random)
    {
        var effect = (i % 10) switch { 0 => Effect.Deny, 1 or 2 => Effect.Mask, 3 => Effect.Filter, _ => Effect.Allow };
        var isOfData = effect is Effect.Mask or Effect.Filter;
        var resource = (i % 4) switch
        {
            0 => "*",
            1 => $"namespace:ns{random.Next(500)}",
            2 => versions[random.Next(versions.Count)].WithoutVersion().ToString(),
            _ => $"dataset:ns{random.Next(500)}/*",
        };
        return new Statement(
            $"s{i}", effect, [random.Next(20) == 0 ? "*" : $"group:g{random.Next(Groups)}"], isOfData ? [] : ["read", "read-data"],
            [resource], resource == "*" || i % 3 == 0 ? $"tag-{random.Next(Tags)}" : null,
            i % 5 == 0 ? ["training"] : [], i % 7 == 0 ? "principal.id != 'nobody'" : null, null, null,
            effect == Effect.Mask ? [$"c{i % 5}"] : [], effect == Effect.Mask ? Mask.Hash : null,
            effect == Effect.Filter ? "region = 'eu'" : null, null, "because");
    }

    private static PolicySet Changed(PolicySet set) => set with
    {
        Statements = set.Statements.SetItem("s5", set.Statements["s5"] with { Reason = Guid.CreateVersion7().ToString() }),
    };

    /// <summary>Policies that are this statement alone.</summary>
    internal static CompiledPolicies Single(Statement statement, IResourceFacts resources) => CompiledPolicies.Compile(
        PolicySet.Empty with { Statements = PolicySet.Empty.Statements.Add(statement.Id, statement) }, resources, 1);

    private static AccessRequest[] Ask(IReadOnlyList<NodeId> versions, Random random) =>
    [
        .. Enumerable.Range(0, Questions).Select(_ => new AccessRequest(
            $"p{random.Next(People)}", Act.ReadData, versions[random.Next(versions.Count)], Purpose.Training, [])),
    ];

    private static double[] Sample<T>(IEnumerable<AccessRequest> questions, Func<AccessRequest, T> decide)
    {
        var micros = new List<double>();
        foreach (var question in questions)
        {
            var began = Stopwatch.GetTimestamp();
            decide(question);
            micros.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }

        micros.Sort();
        return [.. micros];
    }

    /// <summary>The round with the median p99.</summary>
    private static double[] Median(IEnumerable<double[]> rounds) => rounds.OrderBy(P99).ElementAt(Rounds / 2);

    private static double P99(double[] sorted) => sorted[(int)(sorted.Length * 0.99)];

    private static void Report(string what, double[] sorted) => Console.WriteLine(
        $"{what,-50} p50 {sorted[sorted.Length / 2],9:0.00} µs   p99 {P99(sorted),9:0.00} µs");

    private static void Time(string what, Action act)
    {
        var best = Enumerable.Range(0, Rounds).Select(_ =>
        {
            var began = Stopwatch.GetTimestamp();
            act();
            return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }).Order().ToList();
        Console.WriteLine($"{what,-50} median {best[Rounds / 2],8:0.0} ms   worst {best[^1],8:0.0} ms");
    }
}
