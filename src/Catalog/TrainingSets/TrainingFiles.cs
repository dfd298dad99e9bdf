using System.Threading.Channels;
using Apache.Arrow;
using Catalog.Features.Training;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;

namespace Catalog.TrainingSets;

/// <summary>How far making a training set has come.</summary>
/// <param name="Rows">Rows written.</param>
public sealed record TrainingProgress(long Rows);

/// <summary>A file of a training set.</summary>
/// <param name="Path">In the version: <c>train.parquet</c>, or <c>rows.parquet</c> where rows are not parted.</param>
internal sealed record TrainingFile(string Path, long Rows, long Bytes, string Sha256);

/// <summary>Writes the rows of a recipe: one file for each part, all of them at once, each row group when it is full.</summary>
internal sealed class TrainingFiles(OpenRecipe open)
{
    // Not settings: they are part of what a training set is.
    public static ParquetWriteOptions WriteOptions { get; } = new();

    private const int BatchesAhead = 4;
    private readonly SplitRows? _splits =
        open.Recipe.Splits is { } rule ? new(rule, open.Rows.Schema, open.Recipe.Rows) : null;

    /// <summary>Rows that are in no part.</summary>
    public long LeftOut => _splits?.LeftOut ?? 0;

    public IReadOnlyList<string> Parts { get; } = [.. open.Recipe.Splits?.Parts.Select(p => p.Name) ?? ["rows"]];

    /// <param name="target">By part, where its bytes go; stays the caller's.</param>
    /// <exception cref="SplitLeakException">Values are in two parts that are to be in one.</exception>
    public async Task<IReadOnlyList<TrainingFile>> WriteAsync(
        Func<int, Stream> target, IProgress<TrainingProgress>? progress, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var channels = Parts.Select(_ => Channel.CreateBounded<RecordBatch>(BatchesAhead)).ToArray();
        var writing = Task.WhenAll(channels.Select((c, i) => WriteAsync(i, c.Reader, target(i), stop)));
        try
        {
            await FeedAsync(channels, progress, stop.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // A writer failed, and stopped the rest: what it says is what went wrong, and said below.
        }
        catch
        {
            await stop.CancelAsync();
            await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        finally
        {
            foreach (var channel in channels)
                channel.Writer.TryComplete();
        }

        return await writing;
    }

    private async Task FeedAsync(Channel<RecordBatch>[] channels, IProgress<TrainingProgress>? progress, CancellationToken ct)
    {
        var rows = 0L;
        await foreach (var batch in open.Join.ReadAsync(open.Rows.ReadAsync(ct), ct))
        {
            if (_splits is null)
            {
                await channels[0].Writer.WriteAsync(open.Shown(batch, part: null), ct);
            }
            else
            {
                using (batch)
                {
                    foreach (var (part, chosen) in _splits.Part(batch).Select((r, i) => (i, r)).Where(p => p.r.Length > 0))
                        await channels[part].Writer.WriteAsync(open.Shown(RowTaking.Take(batch, chosen), Parts[part]), ct);
                }
            }

            progress?.Report(new(rows += batch.Length));
        }
    }

    private async Task<TrainingFile> WriteAsync(int part, ChannelReader<RecordBatch> batches, Stream target, CancellationTokenSource stop)
    {
        try
        {
            await using var hashed = new HashedStream(target);
            var rows = batches.ReadAllAsync(stop.Token);
            var written = await Task.Run(
                () => ParquetFileWriter.WriteAsync(hashed, open.Schema, rows, WriteOptions, stop.Token), stop.Token);
            return new($"{Parts[part]}.parquet", written.Rows, written.Bytes, hashed.Finish());
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }
}
