using Marten;
using Npgsql;

namespace Catalog.Lineage.Tables;

/// <summary>Tells whoever watches over the server when the tables do not follow the log. Nothing else depends on them.</summary>
internal sealed class TableLag(IDocumentStore store)
{
    private const string Behind =
        $"select position from {LineageTables.Progress} where position < $1 and updated_at < now() - interval '1 minute'";

    /// <summary>A sentence; null while they follow.</summary>
    /// <param name="end">The log's last position.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<string?> TellAsync(long end, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(Behind, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = end });
        return await command.ExecuteScalarAsync(ct) is long position
            ? $"lineage for SQL tools is at position {position} of {end}, for over a minute: "
                + "it is being filled anew, or see the servers' logs"
            : null;
    }
}
