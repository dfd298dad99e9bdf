using System.Runtime.InteropServices;
using Apache.Arrow;
using Catalog.Storage.Files;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Reads many Parquet files as one stream of Arrow batches: the columns and rows asked for, in the order of files, row groups and rows.
/// The same request gives the same batches, whatever <see cref="ScanRequest.Parallelism"/>.
/// </summary>
public sealed class ColumnScan
{
    private readonly IParquetEngine _engine;
    private readonly ScanPlan _plan;
    private readonly ScanRequest _request;
    private readonly ScanCounters _counters;
    private int _isRead;

    private ColumnScan(IParquetEngine engine, ScanPlan plan, ScanRequest request, ScanCounters counters)
    {
        (_engine, _plan, _request, _counters) = (engine, plan, request, counters);
        Schema = request.ProjectedSchema?.Invoke(plan.Schema) ?? plan.Schema;
    }

    /// <summary>Of every batch. All types are plain: no dictionaries, no views, no large offsets.</summary>
    public Schema Schema { get; }

    /// <summary>What has been read so far.</summary>
    public ScanStatistics Statistics => _counters.Snapshot();

    /// <summary>The most bytes of batches that have waited for the consumer at one time.</summary>
    internal long PeakBytesInFlight { get; private set; }

    /// <summary>Reads the footer of the first file, and checks the request against it. Others are opened when their turn comes.</summary>
    /// <param name="files">In the order wanted; one at least.</param>
    /// <param name="engine">Null for <see cref="ParquetEngines.Default"/>.</param>
    /// <exception cref="ScanException">The request cannot be met; names the column, condition or number.</exception>
    /// <exception cref="FileException">The first file cannot be read, or is no sound Parquet.</exception>
    public static Task<ColumnScan> OpenAsync(
        IReadOnlyList<ParquetSource> files, ScanRequest request, CancellationToken ct, IParquetEngine? engine = null)
    {
        request.Check();
        return OpenBySchemaAsync(files, _ => request, ct, engine);
    }

    /// <summary>
    /// As <see cref="OpenAsync"/>, with a request that depends on the columns: conditions have the types of what they compare.
    /// </summary>
    /// <param name="files">In the order wanted; one at least.</param>
    /// <param name="request">Of the schema of the first file, whole.</param>
    /// <param name="engine">Null for <see cref="ParquetEngines.Default"/>.</param>
    /// <exception cref="ScanException">The request cannot be met; names the column, condition or number.</exception>
    /// <exception cref="FileException">The first file cannot be read, or is no sound Parquet.</exception>
    public static async Task<ColumnScan> OpenBySchemaAsync(
        IReadOnlyList<ParquetSource> files, Func<Schema, ScanRequest> request, CancellationToken ct, IParquetEngine? engine = null)
    {
        if (files.Count == 0)
            throw new ScanException(ScanException.BadRequest, "There is no file to scan; name one at least.");

        var first = await ParquetFile.OpenAsync(files[0], ct);
        var wanted = request(first.Schema);
        wanted.Check();
        var counters = new ScanCounters();
        return new(engine ?? ParquetEngines.Default, new ScanPlan(files, first, wanted, counters), wanted, counters);
    }

    /// <summary>The columns of a file, whole: what a filter is bound to.</summary>
    /// <exception cref="FileException">It cannot be read, or is no sound Parquet.</exception>
    public static async Task<Schema> SchemaAsync(ParquetSource file, CancellationToken ct) =>
        (await ParquetFile.OpenAsync(file, ct)).Schema;

    /// <summary>
    /// The batches, none of them empty. Each belongs to the caller, who disposes it: its memory may be the engine's, and is not collected.
    /// What is still on its way when the caller stops is disposed here. Once only.
    /// </summary>
    /// <exception cref="FileException">A file cannot be read or is damaged; batches before it have been handed out.</exception>
    /// <exception cref="ScanException">A file has other columns than the first, or the engine cannot read it.</exception>
    /// <exception cref="InvalidOperationException">It has been read.</exception>
    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var placed in ReadPlacedAsync(ct))
            yield return placed.Batch;
    }

    /// <summary>As <see cref="ReadAsync"/>, with where rows stand in the version; for scans without conditions.</summary>
    internal async IAsyncEnumerable<PlacedBatch> ReadPlacedAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _isRead, 1) == 1)
            throw new InvalidOperationException("A scan is read once; open another.");

        await using var decode = new ParallelDecode(_engine, _plan, _request, _counters, ct);
        await foreach (var placed in decode.BatchesAsync())
        {
            PeakBytesInFlight = decode.Budget.Peak;
            yield return placed;
        }
    }
}

/// <summary>Some rows of a version, in its order.</summary>
/// <param name="FirstRow">
/// The place of the first of them among all rows of all files, from 0; of no meaning where rows were left out.
/// </param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PlacedBatch(RecordBatch Batch, long FirstRow);
