using System.Diagnostics;
using Catalog.Lineage;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Snapshots;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Catalog.Benchmarks;

/// <summary>
/// Walks over the graph in memory beside a recursive CTE over the same edges in PostgreSQL, as of a past position in both: a layered
/// random DAG of versions and runs, with a chain ten thousand deep.
/// </summary>
internal static class LineageBenchmark
{
    private const int Layers = 30;
    private const int Chain = 10_000;
    private const int Rounds = 5;

    public static async Task<int> RunAsync(string[] args)
    {
        var edges = args is [var count] ? int.Parse(count) : 1_000_000;
        var dag = Dag.Make(edges);
        var (whole, seconds) = Load(dag);
        var graph = whole.Current;
        Console.WriteLine(
            $"{graph.NodeCount:N0} nodes, {graph.EdgeCount:N0} edges: built in {seconds:N2} s, " +
            $"{(double)graph.EdgeBytes / graph.EdgeCount:N1} bytes an edge " +
            $"({(double)graph.NameBytes / graph.NodeCount:N0} bytes a name)");
        Save(whole);

        var folder = Directory.CreateTempSubdirectory("catalog-bench-");
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataFolder = folder.FullName }, NullLogger.Instance, CancellationToken.None);
            await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
            await FillAsync(source, dag);
            Console.WriteLine("| walk | depth | nodes | CTE ms | graph ms | CTE / graph |");
            Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
            foreach (var direction in new[] { LineageDirection.Down, LineageDirection.Up })
            {
                foreach (var depth in new[] { 5, 10, 20, int.MaxValue })
                {
                    var start = direction == LineageDirection.Down ? dag.First : dag.Last;
                    await CompareAsync(source, graph, dag, direction, start, depth);
                }
            }

            await CompareAsync(source, graph, dag, LineageDirection.Down, dag.ChainStart, int.MaxValue);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Save(TemporalGraph graph)
    {
        var file = Path.GetTempFileName();
        try
        {
            var watch = Stopwatch.StartNew();
            using (var output = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
                LineageSnapshot.Take(graph, new OpenLineageFold(graph)).WriteTo(output);
            var saved = watch.Elapsed;
            watch.Restart();
            using var input = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
            var again = LineageSnapshot.Read(input).Graph.Current;
            Console.WriteLine(
                $"Saved in {saved.TotalSeconds:N2} s ({input.Length / 1e6:N0} MB), read again in {watch.Elapsed.TotalSeconds:N2} s: "
                + $"{again.EdgeCount:N0} edges");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (TemporalGraph Graph, double Seconds) Load(Dag dag)
    {
        var watch = Stopwatch.StartNew();
        var graph = new TemporalGraph();
        var nodes = new int[dag.Nodes];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = graph.Node(Dag.NameOf(i));
        for (var i = 0; i < dag.Edges.Length; i++)
        {
            graph.Hold(nodes[dag.Edges[i].From], nodes[dag.Edges[i].To], LineageRelation.Input, since: i + 1, position: i + 1);
            if (i % 1000 == 0)
                graph.Publish(i + 1);
        }

        graph.Pack(dag.Edges.Length);
        return (graph, watch.Elapsed.TotalSeconds);
    }

    private static async Task FillAsync(NpgsqlDataSource source, Dag dag)
    {
        await using var connection = await source.OpenConnectionAsync();
        await ExecuteAsync(
            connection,
            "create unlogged table edge (source int not null, target int not null, held bigint not null, known bigint not null)");
        await using (var writer = await connection.BeginBinaryImportAsync("copy edge from stdin (format binary)"))
        {
            for (var i = 0; i < dag.Edges.Length; i++)
                await writer.WriteRowAsync(default, dag.Edges[i].From, dag.Edges[i].To, (long)i + 1, (long)i + 1);
            await writer.CompleteAsync();
        }

        await ExecuteAsync(connection, "create index on edge (source)");
        await ExecuteAsync(connection, "create index on edge (target)");
        await ExecuteAsync(connection, "vacuum analyze edge");
    }

    private static async Task CompareAsync(
        NpgsqlDataSource source, GraphView graph, Dag dag, LineageDirection direction, int start, int depth)
    {
        // As of nine tenths of the log: the filter has something to leave out.
        var moment = new Moment(dag.Edges.Length * 9L / 10, dag.Edges.Length * 9L / 10);
        var node = graph.Find(Dag.NameOf(start));
        var (sql, memory) = (new List<double>(), new List<double>());
        var (found, met) = (0L, 0);
        for (var warm = Stopwatch.StartNew(); warm.Elapsed < TimeSpan.FromSeconds(1);)
            graph.Walk([node], direction, LineageRelations.Of(LineageRelation.Input), moment, depth);
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            found = await CountAsync(source, direction, start, depth, moment);
            sql.Add(watch.Elapsed.TotalMilliseconds);
            for (var i = 0; i < 9; i++)
            {
                watch.Restart();
                met = graph.Walk([node], direction, LineageRelations.Of(LineageRelation.Input), moment, depth).Nodes.Count;
                memory.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        if (found != met)
            throw new InvalidOperationException($"The CTE found {found} nodes, the graph {met}.");
        var (a, b) = (Middle(sql), Middle(memory));
        var way = start == dag.ChainStart ? "down the chain" : direction == LineageDirection.Down ? "down" : "up";
        Console.WriteLine($"| {way} | {(depth == int.MaxValue ? "full" : depth)} | {met:N0} | {a:N2} | {b:N3} | {a / b:N0} |");
    }

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<long> CountAsync(NpgsqlDataSource source, LineageDirection direction, int start, int depth, Moment moment)
    {
        var (near, far) = direction == LineageDirection.Down ? ("source", "target") : ("target", "source");
        var sql = depth == int.MaxValue
            ? $"""
               with recursive walk(node) as (
                 select {start} union
                 select e.{far} from walk w join edge e on e.{near} = w.node where e.known <= {moment.AsOf} and e.held <= {moment.At})
               select count(*) from walk
               """
            : $"""
               with recursive walk(node, depth) as (
                 select {start}, 0 union
                 select e.{far}, w.depth + 1 from walk w join edge e on e.{near} = w.node
                 where w.depth < {depth} and e.known <= {moment.AsOf} and e.held <= {moment.At})
               select count(distinct node) from walk
               """;
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 600;
        return (long)(await command.ExecuteScalarAsync() ?? 0L);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Edges in an order of arrival that is not the order of layers, from a fixed seed.</summary>
    private sealed record Dag(int Nodes, (int From, int To)[] Edges, int First, int Last, int ChainStart)
    {
        public static Dag Make(int edges)
        {
            var random = new Random(20_261_125);
            var layered = edges - Chain;
            var width = layered / 3 / Layers;
            var list = new (int From, int To)[edges];
            for (var i = 0; i < layered; i++)
            {
                var layer = random.Next(Layers - 1);
                list[i] = (layer * width + random.Next(width), (layer + 1) * width + random.Next(width));
            }

            var chain = width * Layers;
            for (var i = 0; i < Chain; i++)
                list[layered + i] = (chain + i, chain + i + 1);

            // The chain came early, so that the question as of a past position finds it.
            var shuffled = list[..layered];
            random.Shuffle(shuffled);
            return new Dag(chain + Chain + 1, [.. list[layered..], .. shuffled], width / 2, (Layers - 1) * width + width / 2, chain);
        }

        /// <summary>As long as names are in real catalogs: some 60 characters.</summary>
        public static NodeId NameOf(int node) =>
            NodeId.Dataset("s3://warehouse-production", $"sales/orders/daily/table-{node:D7}", 1 + node % 9);
    }
}
