using Marten;

namespace Catalog.Platform.Log;

/// <summary>Reads single facts of the log.</summary>
internal sealed class LogReader(IDocumentStore store)
{
    /// <summary>The facts at some positions, by position; where there is none, none.</summary>
    public async Task<IReadOnlyDictionary<long, LogEntry>> FindAsync(IReadOnlyList<long> positions, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        var found = await LogTail.ReadAtAsync(connection, positions, ct);
        return found.ToDictionary(f => f.Position);
    }
}
