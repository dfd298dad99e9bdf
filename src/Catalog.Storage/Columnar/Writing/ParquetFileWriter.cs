using Apache.Arrow;
using Catalog.Storage.Columnar.Native;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Writes Arrow batches as one Parquet file made for scanning: row groups of even size, statistics of every column, dictionaries where they
/// pay. Where batches begin and end does not show in the file.
/// </summary>
public static class ParquetFileWriter
{
    /// <summary>The library that writes, and its version: with another, the same rows may be other bytes.</summary>
    public static string Writer { get; } = EngineVersion.Of("ParquetSharp", typeof(ParquetSharp.Arrow.FileWriter));

    /// <summary>The key of the file's metadata under which the engine and its version stand.</summary>
    public const string WriterKey = "catalog.writer";

    /// <summary>The key under which the options stand.</summary>
    public const string OptionsKey = "catalog.options";

    /// <summary>
    /// Writes a file under a temporary name beside its own, flushes it to the disk, and renames it: it is there whole, or not at all.
    /// A file of that name is replaced.
    /// </summary>
    /// <inheritdoc cref="WriteAsync(Stream, Schema, IAsyncEnumerable{RecordBatch}, ParquetWriteOptions, CancellationToken)"/>
    public static async Task<WrittenParquet> WriteAsync(
        string path, Schema schema, IAsyncEnumerable<RecordBatch> batches, ParquetWriteOptions options, CancellationToken ct)
    {
        var temporary = $"{path}.{Guid.CreateVersion7():N}.tmp";
        try
        {
            WrittenParquet written;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                written = await WriteAsync(file, schema, batches, options, ct);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            return written;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes a file to a stream, from where the stream is.</summary>
    /// <param name="target">Not disposed.</param>
    /// <param name="schema">Of all batches.</param>
    /// <param name="batches">Each is disposed when it has been written.</param>
    /// <exception cref="ArgumentException">
    /// A column is of a type that Parquet does not have, or there are two of one name, or none; a batch does not have the columns; a column
    /// to sort by is not there or has no order; a number is out of range. Says which.
    /// </exception>
    public static async Task<WrittenParquet> WriteAsync(
        Stream target, Schema schema, IAsyncEnumerable<RecordBatch> batches, ParquetWriteOptions options, CancellationToken ct)
    {
        WriteChecks.Check(schema, options);
        var start = target.Position;
        using var buffer = new RowBuffer(schema);
        await using var writing = new GroupedWriting(target, schema, options, buffer);
        await foreach (var batch in batches.WithCancellation(ct))
        {
            buffer.Add(batch);
            if (options.SortBy.Count == 0)
                writing.WriteFull(ct);
        }

        if (options.SortBy.Count > 0)
            buffer.Sort(options.SortBy);
        writing.WriteRest(ct);
        return new(writing.Rows, writing.RowGroups, target.Position - start);
    }

    /// <summary>Cuts what is buffered into row groups, whose size the first rows decide.</summary>
    private sealed class GroupedWriting(Stream target, Schema schema, ParquetWriteOptions options, RowBuffer buffer) : IAsyncDisposable
    {
        private IRowGroupWriter? _writer;
        private int _groupRows = options.RowGroupRows;

        public long Rows { get; private set; }

        public int RowGroups { get; private set; }

        public void WriteFull(CancellationToken ct)
        {
            if (_writer is null && buffer.Rows < options.RowGroupRows)
                return;

            var writer = _writer ??= Begin();
            while (buffer.Rows >= _groupRows)
                Write(writer, _groupRows, ct);
        }

        public void WriteRest(CancellationToken ct)
        {
            var writer = _writer ??= Begin();
            while (buffer.Rows > 0)
                Write(writer, (int)Math.Min(_groupRows, buffer.Rows), ct);
            writer.Close();
        }

        public ValueTask DisposeAsync()
        {
            _writer?.Dispose();
            return ValueTask.CompletedTask;
        }

        private void Write(IRowGroupWriter writer, int rows, CancellationToken ct)
        {
            ct.ThrowIfCancellationRequested();
            using var group = buffer.Take(rows);
            writer.Write(group);
            (Rows, RowGroups) = (Rows + rows, RowGroups + 1);
        }

        private ParquetSharpWriter Begin()
        {
            using var sample = buffer.Take((int)Math.Min(options.RowGroupRows, buffer.Rows));
            var rowBytes = Math.Max(1, ArraySize.Of(sample) / Math.Max(1, sample.Length));
            _groupRows = (int)Math.Clamp(options.RowGroupBytes / rowBytes, 1, options.RowGroupRows);
            var writer = new ParquetSharpWriter(target, schema, options, DictionaryChoice.Of(sample));
            buffer.PutBack(sample.SliceShared(0, sample.Length));
            return writer;
        }
    }
}
