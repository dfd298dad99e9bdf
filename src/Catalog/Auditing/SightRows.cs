using System.Data;
using Catalog.Lineage.Reported;
using Catalog.Lineage.Tables;
using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Auditing;

/// <summary>Reads what there is to see, and writes who may see what of it.</summary>
internal static class SightRows
{
    private const string Schema = CatalogStore.Schema;

    /// <summary>Everything that a row of a view can be about, columns as what they are columns of; and streams of the log.</summary>
    private static readonly string s_nodes =
        $"""
        select split_part(node, '#', 1) from {LineageTables.Node}
        union select id from {Schema}.mt_streams
        union select id from {Schema}.mt_doc_page_version
        union select id from {Schema}.mt_doc_page_model_version
        union select id from {Schema}.mt_doc_page_feature_generation
        union select version->>'node' from {Schema}.mt_doc_page_feature_view page, jsonb_array_elements(page.data->'versions') version
        union select version->>'node' from {Schema}.mt_doc_page_feature_service page, jsonb_array_elements(page.data->'versions') version
        union select node from {ReportedTables.Runs.Name}
        union select node from {ReportedTables.Jobs.Name}
        union select node from {ReportedTables.Datasets.Name}
        union select node from {ReportedTables.FacetSets.Name}
        """;

    /// <summary>All nodes, and the position of the last fact in the log when they were read.</summary>
    public static async Task<(IReadOnlyList<string> Nodes, long End)> ReadNodesAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        await using var last = new NpgsqlCommand($"select coalesce(max(seq_id), 0) from {Schema}.mt_events", connection);
        var end = (long)(await last.ExecuteScalarAsync(ct) ?? 0L);
        var nodes = new List<string>();
        await using (var all = new NpgsqlCommand(s_nodes, connection))
        await using (var reader = await all.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
                nodes.Add(reader.GetString(0));
        }

        await snapshot.CommitAsync(ct);
        return (nodes, end);
    }

    /// <summary>Makes the caller the one who writes; whoever did so before finds out when it writes next.</summary>
    public static async Task TakeOverAsync(NpgsqlConnection connection, Guid writer, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"update {SightTable.Progress} set writer = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = writer });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Makes the table say what each role may see, all in one transaction: nobody sees by half of a change.</summary>
    /// <param name="connection">As the tables' owner.</param>
    /// <param name="writer">Who writes.</param>
    /// <param name="wanted">Nodes by role.</param>
    /// <param name="position">Of the log, up to which the views and policies are included.</param>
    /// <param name="ct">Stops.</param>
    /// <exception cref="InvalidOperationException">Another writes now.</exception>
    public static async Task WriteAsync(
        NpgsqlConnection connection, Guid writer, IReadOnlyDictionary<string, IReadOnlySet<string>> wanted, long position,
        CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var hold = new NpgsqlCommand($"select writer from {SightTable.Progress} for update", connection);
        if (await hold.ExecuteScalarAsync(ct) is not Guid current || current != writer)
            throw new InvalidOperationException("Another server writes who may see what in SQL now.");

        var (lost, kept) = await CompareAsync(connection, wanted, ct);
        var gained = wanted.SelectMany(w => w.Value.Select(node => (Role: w.Key, Node: node))).Where(row => !kept.Contains(row));
        await RunAsync(connection, $"delete from {SightTable.Name} where (role, node) in ({Given})", lost, ct);
        await RunAsync(connection, $"insert into {SightTable.Name} {Given} on conflict do nothing", [.. gained], ct);
        await using var reached = new NpgsqlCommand($"update {SightTable.Progress} set position = $1, updated_at = now()", connection);
        reached.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        await reached.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private const string Given = "select given.role::name, given.node from unnest($1, $2) as given (role, node)";

    private static async Task<(List<(string Role, string Node)> Lost, HashSet<(string Role, string Node)> Kept)> CompareAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<string, IReadOnlySet<string>> wanted, CancellationToken ct)
    {
        var (lost, kept) = (new List<(string, string)>(), new HashSet<(string, string)>());
        await using var listed = new NpgsqlCommand($"select role::text, node from {SightTable.Name}", connection);
        await using var reader = await listed.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var row = (Role: reader.GetString(0), Node: reader.GetString(1));
            if (wanted.TryGetValue(row.Role, out var nodes) && nodes.Contains(row.Node))
                kept.Add(row);
            else
                lost.Add(row);
        }

        return (lost, kept);
    }

    private static async Task RunAsync(
        NpgsqlConnection connection, string sql, IReadOnlyList<(string Role, string Node)> rows, CancellationToken ct)
    {
        if (rows.Count == 0)
            return;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(r => r.Role)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(r => r.Node)] });
        await command.ExecuteNonQueryAsync(ct);
    }
}
