using System.Runtime.InteropServices;
using Apache.Arrow;
using Catalog.Storage.Files;
using Catalog.Training;

namespace Catalog.Storage.Columnar;

/// <summary>Rows of a decoded batch. The batch is to be disposed when they have been copied.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RowRange(RecordBatch Batch, int From, int Rows);

/// <summary>Decodes row groups in whatever order they are asked for.</summary>
internal sealed class UnitReader(IParquetEngine engine, ScanPlan plan, ScanRequest request, RowGroupIndex index, ScanCounters counters)
{
    private const int BatchRows = 16_384;
    private const int FilesKept = 32;

    private readonly RowFilter _filter = new(plan.Tests, plan.Schema);
    private readonly Lock _lock = new();
    private readonly LinkedList<(int File, Task<ParquetFile> Footer)> _footers = [];

    /// <summary>The rows of a part, in order.</summary>
    /// <exception cref="FileException">The file cannot be read, is damaged, or has other rows than were counted.</exception>
    /// <exception cref="ScanException">The file has other columns than the first, or the engine cannot read it.</exception>
    public async Task<IReadOnlyList<RowRange>> ReadAsync(WindowPart part, CancellationToken ct)
    {
        var (at, group) = index.Locate(part.Unit);
        var file = await FooterAsync(at, ct);
        var ranges = new List<RowRange>();
        try
        {
            await using var reader = await engine.OpenAsync(file, plan.ColumnsOf(file), BatchRows, ct);
            var left = part.Rows;
            var skip = part.From;
            await foreach (var batch in reader.ReadAsync(group, ct))
            {
                counters.AddDecoded(batch.Length);
                if (_filter.Apply(batch) is not { } kept)
                    continue;
                var projected = request.Project?.Invoke(kept) ?? kept;
                var rows = Math.Min(left, projected.Length - skip);
                if (rows > 0)
                    ranges.Add(new(projected, skip, rows));
                else
                    projected.Dispose();
                left -= Math.Max(0, rows);
                skip = rows > 0 ? 0 : skip - projected.Length;
                if (left == 0)
                    break;
            }

            counters.AddRowGroup(isRead: true);
            return left == 0
                ? ranges
                : throw FileException.Because(FileException.Changed, file.Name, "has other rows than when they were counted");
        }
        catch
        {
            foreach (var range in ranges)
                range.Batch.Dispose();
            throw;
        }
    }

    /// <summary>The footers of the files read last; row groups of one file are not read one after the other.</summary>
    private async Task<ParquetFile> FooterAsync(int file, CancellationToken ct)
    {
        Task<ParquetFile> footer;
        lock (_lock)
        {
            var node = _footers.First;
            while (node is not null && node.Value.File != file)
                node = node.Next;
            if (node is null)
            {
                node = new((file, plan.OpenAsync(file, ct)));
                counters.AddFile();
            }
            else
            {
                _footers.Remove(node);
            }

            _footers.AddFirst(node);
            if (_footers.Count > FilesKept)
                _footers.RemoveLast();
            footer = node.Value.Footer;
        }

        return await footer;
    }
}
