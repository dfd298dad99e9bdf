using System.Text.Json;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;

namespace Catalog.Platform.Log;

/// <summary>A fact as it stands in the log.</summary>
/// <param name="Position">Its number in the whole log.</param>
/// <param name="Id">Its own id.</param>
/// <param name="Stream">The stream it belongs to: the text of an unversioned node, <c>catalog</c> or <c>key:…</c>.</param>
/// <param name="Version">Its number in the stream, from 1.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Time">When it was recorded.</param>
/// <param name="Principal">Who it comes from; null for what the catalog did by itself.</param>
/// <param name="Data">The fact, as JSON.</param>
internal sealed record LogEntry(
    long Position, Guid Id, string Stream, long Version, string Type, DateTimeOffset Time, string? Principal, ReadOnlyMemory<byte> Data)
{
    /// <summary>The fact itself; null where this build does not know its type, as when a newer server wrote it.</summary>
    public object? ReadFact(FactRegistry facts) =>
        facts.FactOf(Type) is { } type ? JsonSerializer.Deserialize(Data.Span, type, CatalogStore.Json) : null;
}
