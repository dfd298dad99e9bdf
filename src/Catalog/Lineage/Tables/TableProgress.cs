using System.Collections.Immutable;
using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Lineage.Tables;

/// <summary>How far the tables are in step with the log, and who writes them.</summary>
/// <param name="Revision">Of the fold that made them.</param>
/// <param name="Position">What the log says up to here is in them; 0 while they are filled anew.</param>
/// <param name="Facts">Facts in the log up to there: more than that, and one came late; fewer, and it is another log.</param>
/// <param name="Late">Positions of facts that the graph they were made from took in late.</param>
internal sealed record TableProgress(int Revision, long Position, long Facts, ImmutableSortedSet<long> Late)
{
    /// <summary>Whether the tables can be brought up to date from a graph that includes their position.</summary>
    /// <param name="view">The graph.</param>
    /// <param name="facts">Facts in the log up to the tables' position.</param>
    public bool Fits(GraphView view, long facts) =>
        Revision == LineageFold.Revision && Position > 0 && Facts == facts && Late.SetEquals(view.Late.Where(p => p <= Position));

    /// <summary>Makes the caller the one who writes; whoever did so before finds out when it writes next.</summary>
    public static async Task<TableProgress> TakeOverAsync(NpgsqlConnection connection, Guid writer, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"update {LineageTables.Progress} set writer = $1 returning revision, position, facts, late", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = writer });
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new TableProgress(
            reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2), [.. await reader.GetFieldValueAsync<long[]>(3, ct)]);
    }

    /// <summary>Holds the writer's place to the end of the transaction under way.</summary>
    /// <returns>False when another writes the tables now.</returns>
    public static async Task<bool> HoldAsync(NpgsqlConnection connection, Guid writer, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select writer from {LineageTables.Progress} for update", connection);
        return await command.ExecuteScalarAsync(ct) is Guid current && current == writer;
    }

    public async Task WriteAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"update {LineageTables.Progress} set revision = $1, position = $2, facts = $3, late = $4, updated_at = now()", connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Revision });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Position });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Facts });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. Late] });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Facts in the log behind one position and up to another.</summary>
    public static async Task<long> CountFactsAsync(NpgsqlConnection connection, long after, long to, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"select count(*) from {CatalogStore.Schema}.mt_events where seq_id > $1 and seq_id <= $2", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = to });
        return (long)(await command.ExecuteScalarAsync(ct) ?? 0L);
    }
}
