using Marten;
using Npgsql;

namespace Catalog.Platform.Store;

/// <summary>Reads rows of our own tables.</summary>
internal static class SqlRows
{
    /// <param name="store">Where they are.</param>
    /// <param name="sql">With parameters <c>$1</c>, <c>$2</c>, …; cast where they can be null.</param>
    /// <param name="values">Of the parameters.</param>
    /// <param name="read">Makes an item of a row.</param>
    /// <param name="ct">Stops.</param>
    public static async Task<List<T>> ReadAsync<T>(
        this IDocumentStore store, string sql, IReadOnlyList<object?> values, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            rows.Add(read(reader));
        return rows;
    }

    public static async Task<long> CountAsync(
        this IDocumentStore store, string sql, IReadOnlyList<object?> values, CancellationToken ct) =>
        (await store.ReadAsync(sql, values, r => r.GetInt64(0), ct))[0];

    public static string? Text(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static DateTimeOffset? Time(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    public static NodeId? Node(this NpgsqlDataReader row, int column) => row.Text(column) is { } text ? NodeId.Parse(text) : null;
}
