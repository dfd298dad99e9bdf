using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Catalog.Lineage.Tables;

/// <summary>
/// Writes statements about edges into the tables, and the nodes they name, a few thousand at a time. What is there already stays there
/// once; a statement that no longer stands is told so. The tables' numbers of nodes are remembered, and are theirs alone.
/// </summary>
internal sealed class TableRows
{
    private const string PutNodes =
        $"""
        insert into {LineageTables.Node} as node (digest, node, kind, namespace, name, version, column_name, first_known)
        select * from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
        on conflict (digest) do update set first_known = least(node.first_known, excluded.first_known)
        returning digest, id
        """;

    private const string PutEdges =
        $"""
        insert into {LineageTables.Edge} as edge (source, target, relation, held_from, held_to, known_from, known_until)
        select * from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
        on conflict (target, source, relation, known_from, held_from, held_to) do update set known_until = excluded.known_until
        where edge.known_until <> excluded.known_until
        """;

    // By the number that a node has in this server's graph.
    private readonly Dictionary<int, Stored> _nodes = [];

    /// <summary>Forgets what the tables hold.</summary>
    public void Forget() => _nodes.Clear();

    /// <summary>Writes them in the transaction under way.</summary>
    public async Task PutAsync(NpgsqlConnection connection, GraphView view, IReadOnlyList<EdgeChange> changes, CancellationToken ct)
    {
        await PutNodesAsync(connection, view, changes, ct);
        await using var command = new NpgsqlCommand(PutEdges, connection);
        Add(command, NpgsqlDbType.Bigint, changes.Select(c => _nodes[c.From].Id));
        Add(command, NpgsqlDbType.Bigint, changes.Select(c => _nodes[c.To].Id));
        Add(command, NpgsqlDbType.Smallint, changes.Select(c => (short)c.Relation));
        Add(command, NpgsqlDbType.Bigint, changes.Select(c => c.HeldFrom));
        Add(command, NpgsqlDbType.Bigint, changes.Select(c => c.HeldTo));
        Add(command, NpgsqlDbType.Bigint, changes.Select(c => c.KnownFrom));
        Add(command, NpgsqlDbType.Bigint, changes.Select(c => c.KnownUntil));
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task PutNodesAsync(
        NpgsqlConnection connection, GraphView view, IReadOnlyList<EdgeChange> changes, CancellationToken ct)
    {
        var named = new Dictionary<int, long>();
        foreach (var change in changes)
        {
            Name(change.From, change.KnownFrom);
            Name(change.To, change.KnownFrom);
        }

        if (named.Count == 0)
            return;
        var rows = named.Select(n => Row.Of(n.Key, view.NodeOf(n.Key), n.Value)).ToList();
        await using var command = new NpgsqlCommand(PutNodes, connection);
        Add(command, NpgsqlDbType.Bytea, rows.Select(r => r.Digest));
        Add(command, NpgsqlDbType.Text, rows.Select(r => r.Node.ToString()));
        Add(command, NpgsqlDbType.Text, rows.Select(r => NodeId.WordOf(r.Node.Kind)));
        Add(command, NpgsqlDbType.Text, rows.Select(r => r.Node.Namespace));
        Add(command, NpgsqlDbType.Text, rows.Select(r => r.Node.Name));
        Add(command, NpgsqlDbType.Text, rows.Select(r => r.Node.Version));
        Add(command, NpgsqlDbType.Text, rows.Select(r => r.Node.Column));
        Add(command, NpgsqlDbType.Bigint, rows.Select(r => r.FirstKnown));

        var numbers = rows.ToDictionary(r => Convert.ToHexString(r.Digest), StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var row = numbers[Convert.ToHexString(reader.GetFieldValue<byte[]>(0))];
            _nodes[row.Number] = new Stored(reader.GetInt64(1), row.FirstKnown);
        }

        void Name(int node, long knownFrom)
        {
            if (_nodes.TryGetValue(node, out var stored) && stored.FirstKnown <= knownFrom)
                return;
            named[node] = named.TryGetValue(node, out var earlier) ? Math.Min(earlier, knownFrom) : knownFrom;
        }
    }

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, IEnumerable<T> values) =>
        command.Parameters.Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });

    /// <param name="Id">The node's number in the tables.</param>
    /// <param name="FirstKnown">The earliest position of a statement that names it, as far as it was written.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Stored(long Id, long FirstKnown);

    private sealed record Row(int Number, NodeId Node, byte[] Digest, long FirstKnown)
    {
        public static Row Of(int number, NodeId node, long firstKnown) =>
            new(number, node, SHA256.HashData(Encoding.UTF8.GetBytes(node.ToString())), firstKnown);
    }
}
