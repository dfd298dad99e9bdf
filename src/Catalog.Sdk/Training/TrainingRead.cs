using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Apache.Arrow;
using Catalog.Training;

namespace Catalog.Sdk;

/// <summary>
/// One shard of one epoch as it arrives. All shards of a read go forward in rounds, a row each, as workers of data-parallel training do;
/// so one number tells where all of them are.
/// </summary>
public sealed class TrainingRead : IAsyncDisposable, IDisposable
{
    private readonly ColumnStream _columns;
    private readonly TrainingQuery _query;
    private readonly ReadToken _start;
    private long _used;

    private TrainingRead(ColumnStream columns, TrainingQuery query, ReadToken start, long epochRows, long shardRows)
    {
        (_columns, _query, _start) = (columns, query, start);
        (EpochRows, ShardRows) = (epochRows, shardRows);
    }

    /// <summary>By its number: what an alias stood for when the read was opened.</summary>
    public NodeId Version => _columns.Version;

    /// <summary>Of every batch.</summary>
    public Schema Schema => _columns.Schema;

    /// <inheritdoc cref="ColumnStream.Masked"/>
    public IReadOnlyDictionary<string, string> Masked => _columns.Masked;

    /// <inheritdoc cref="ColumnStream.IsFiltered"/>
    public bool IsFiltered => _columns.IsFiltered;

    public int Epoch => _start.Epoch;

    /// <summary>Rows of the epoch, of all shards.</summary>
    public long EpochRows { get; }

    /// <summary>Rows of this shard, from where the read began.</summary>
    public long ShardRows { get; }

    /// <summary>
    /// The run that has this read recorded, as its node; the code of why it has not, such as <c>run.ended</c>; null where the reader was
    /// not opened by a run.
    /// </summary>
    public string? Recorded => Schema.Metadata?.GetValueOrDefault("catalog.recorded");

    /// <summary>
    /// Where a read goes on that has used what was handed out here so far, and in the other shards as many rows. Where shards stop at
    /// different rounds, go on from <see cref="ReadToken.Earliest"/> of theirs: no row is left out, and those that some were ahead by come
    /// again.
    /// </summary>
    public ReadToken Token => _start with
    {
        Position = new Deal(EpochRows, _start.Position, _query.Shard, _query.Shards, _query.Uneven).After(Interlocked.Read(ref _used)),
    };

    /// <exception cref="CatalogException"><c>network.unreadable</c>: the server does not tell where the read begins.</exception>
    internal static TrainingRead Of(ColumnStream columns, TrainingQuery query)
    {
        if (ReadToken.TryParse(Told("catalog.token")) is { } start && Number("catalog.epoch_rows") is { } epochRows
            && Number("catalog.shard_rows") is { } shardRows)
            return new(columns, query, start, epochRows, shardRows);
        columns.Dispose();
        throw new CatalogException(null, "network.unreadable", "The server sent rows, and not where the read begins: is it an older one?");

        string? Told(string key) => columns.Schema.Metadata?.GetValueOrDefault(key);
        long? Number(string key) => long.TryParse(Told(key), CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>
    /// The batches, each of which the caller disposes; all but the last have <see cref="TrainingQuery.BatchRows"/> rows. Some are fetched
    /// ahead, and no more than <see cref="TrainingQuery.Prefetch"/>. Once only.
    /// </summary>
    /// <exception cref="CatalogException">The connection broke: open another read with <see cref="Token"/> to go on.</exception>
    /// <exception cref="InvalidOperationException">They were read.</exception>
    public async IAsyncEnumerable<RecordBatch> BatchesAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var batch in FetchedAsync(ct).ConfigureAwait(false))
        {
            Interlocked.Add(ref _used, batch.Length);
            yield return batch;
        }
    }

    /// <summary>
    /// The rows as objects: of a record, or of a class with a constructor without parameters. Parameters and properties take the column of
    /// their name, whatever its case and underscores; a number takes one that it holds without loss. Once only.
    /// </summary>
    /// <exception cref="CatalogException">
    /// <c>client.row_type</c>: a column is missing or of another type, or a null comes where there may be none; names both.
    /// </exception>
    public async IAsyncEnumerable<T> RowsAsync<T>([EnumeratorCancellation] CancellationToken ct = default)
        where T : class
    {
        var row = RowType<T>.Of(Schema);
        await foreach (var next in FetchedAsync(ct).ConfigureAwait(false))
        {
            using var batch = next;
            IArrowArray[] columns = [.. batch.Arrays];
            for (var i = 0; i < batch.Length; i++)
            {
                var made = row(columns, i);
                Interlocked.Increment(ref _used);
                yield return made;
            }
        }
    }

    public void Dispose() => _columns.Dispose();

    public ValueTask DisposeAsync() => _columns.DisposeAsync();

    private async IAsyncEnumerable<RecordBatch> FetchedAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var waiting = Channel.CreateBounded<RecordBatch>(
            new BoundedChannelOptions(Math.Max(1, _query.Prefetch)) { SingleReader = true, SingleWriter = true });
        var fetching = FetchAsync(waiting.Writer, stop.Token);
        try
        {
            await foreach (var batch in waiting.Reader.ReadAllAsync(ct).ConfigureAwait(false))
                yield return batch;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await fetching.ConfigureAwait(false);
            while (waiting.Reader.TryRead(out var left))
                left.Dispose();
        }
    }

    /// <summary>What goes wrong reaches the consumer behind the batches that came before it; it never throws.</summary>
    private async Task FetchAsync(ChannelWriter<RecordBatch> to, CancellationToken ct)
    {
        try
        {
            await foreach (var batch in _columns.BatchesAsync(ct).ConfigureAwait(false))
                await to.WriteAsync(batch, ct).ConfigureAwait(false);
            to.Complete();
        }
        catch (Exception e)
        {
            to.Complete(e);
        }
    }
}
