using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Columns of a version as they arrive, in the order of its files and rows.</summary>
public sealed class ColumnStream : IAsyncDisposable, IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly ArrowStreamReader _reader;
    private bool _isRead;

    private ColumnStream(HttpResponseMessage response, ArrowStreamReader reader, NodeId version, Schema schema) =>
        (_response, _reader, Version, Schema, Masked) = (response, reader, version, schema, ColumnMetadata.Masked(schema));

    /// <summary>By its number: what an alias stood for when the stream was opened.</summary>
    public NodeId Version { get; }

    /// <summary>Of every batch.</summary>
    public Schema Schema { get; }

    /// <summary>
    /// By path, columns that are masked for this reader and what is shown instead (<c>hash</c>, <c>null</c>, …); empty where all values
    /// are there as they are.
    /// </summary>
    public IReadOnlyDictionary<string, string> Masked { get; }

    /// <summary>Whether rows were left out that this reader may not see.</summary>
    public bool IsFiltered => ColumnMetadata.IsFiltered(Schema);

    internal static async Task<ColumnStream> OpenAsync(Transport transport, Route route, NodeId version, CancellationToken ct)
    {
        var target = route.ToString();
        var response = await transport.OpenAsync(() => transport.Request(HttpMethod.Get, target), ct).ConfigureAwait(false);
        try
        {
            var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
            var reader = new ArrowStreamReader(
                new WatchedStream(transport, body), BatchMemory.Shared, new CompressionCodecFactory(), leaveOpen: false);
            var schema = await reader.GetSchema(ct).ConfigureAwait(false);
            return new ColumnStream(response, reader, version, schema);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>The batches, each of which the caller disposes. Once only.</summary>
    /// <exception cref="CatalogException">The connection broke: what came so far is not all.</exception>
    /// <exception cref="InvalidOperationException">They were read.</exception>
    public async IAsyncEnumerable<RecordBatch> BatchesAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        if (_isRead)
            throw new InvalidOperationException("A stream of columns is read once; open another.");
        _isRead = true;
        while (await _reader.ReadNextRecordBatchAsync(ct).ConfigureAwait(false) is { } batch)
            yield return batch;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
