using System.Security.Cryptography;
using System.Text;
using Catalog.Jobs;
using Catalog.Models;
using Catalog.Platform.Store;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;
using Weasel.Postgresql.Tables;

namespace Catalog.Lineage;

/// <summary>Keeps the edges of the lineage graph in a table, read from the facts: one statement for each page of the log, whatever its size.</summary>
internal sealed class LineageEdges : ProjectionBase, IProjection
{
    /// <summary>Reads the facts that <see cref="EdgeOf"/> makes edges of, and no others.</summary>
    public LineageEdges()
    {
        IncludeType<RunInputRead>();
        IncludeType<RunOutputRecorded>();
        IncludeType<ModelDeployed>();
    }

    public const string TableName = $"{CatalogStore.Schema}.lineage_edge";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(TableName);

        // Two names together may be larger than an index takes, and their hash is not.
        table.AddColumn("id", "bytea").AsPrimaryKey();
        table.AddColumn("source", "text").NotNull();
        table.AddColumn("target", "text").NotNull();
        table.AddColumn("relation", "text").NotNull();
        table.AddColumn("position", "bigint").NotNull();
        table.Indexes.Add(new IndexDefinition("lineage_edge_source") { Columns = ["source", "position"] });
        table.Indexes.Add(new IndexDefinition("lineage_edge_target") { Columns = ["target", "position"] });
        options.Storage.ExtendedSchemaObjects.Add(table);
        options.Projections.Add(new LineageEdges(), ProjectionLifecycle.Async, "lineage_edge", o =>
        {
            o.BatchSize = 5000;
            o.DeleteDataInTableOnTeardown(TableName);
        });
    }

    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        // One row at most for each edge: "on conflict" may not meet a row twice.
        var edges = new Dictionary<(string Source, string Target, string Relation), long>();
        foreach (var e in events)
        {
            if (EdgeOf(e) is { } edge)
                edges.TryAdd(edge, e.Sequence);
        }

        if (edges.Count > 0)
        {
            operations.QueueSqlCommand(
                $"""
                insert into {TableName} (id, source, target, relation, position)
                select * from unnest(?::bytea[], ?::text[], ?::text[], ?::text[], ?::bigint[]) on conflict do nothing
                """,
                edges.Keys.Select(IdOf).ToArray(),
                edges.Keys.Select(e => e.Source).ToArray(),
                edges.Keys.Select(e => e.Target).ToArray(),
                edges.Keys.Select(e => e.Relation).ToArray(),
                edges.Values.ToArray());
        }

        return Task.CompletedTask;
    }

    /// <summary>No name holds a line break, so no two edges are the same text.</summary>
    private static byte[] IdOf((string Source, string Target, string Relation) edge) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{edge.Source}\n{edge.Target}\n{edge.Relation}"));

    /// <summary>Null where a fact makes no edge, and where it names what cannot be a node: no fact may hold up those behind it.</summary>
    internal static (string Source, string Target, string Relation)? EdgeOf(IEvent e) => e.Data switch
    {
        RunInputRead f => (f.Dataset.ToString(), e.StreamKey ?? "", LineageRelations.Input),
        RunOutputRecorded { Node.Kind: NodeKind.Model } f => (e.StreamKey ?? "", f.Node.ToString(), LineageRelations.Trained),
        RunOutputRecorded f => (e.StreamKey ?? "", f.Node.ToString(), LineageRelations.Output),
        ModelDeployed f when NodeId.TryParse(e.StreamKey, out var model, out _)
            && NodeId.TryCreate(NodeKind.Deployment, model.Namespace, f.Endpoint, version: null, column: null, out var deployment, out _) =>
            (model.WithVersion(f.Number).ToString(), deployment.ToString(), LineageRelations.Deployed),
        _ => null,
    };
}
