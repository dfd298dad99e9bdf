using Catalog.Storage.Files;
using Parquet;
using Parquet.Schema;

namespace Catalog.Storage.Columnar;

/// <summary>Reads a small Parquet file whole.</summary>
public static class TableReader
{
    /// <summary>Reads the columns named, or all of them, of a seekable stream that is a whole file.</summary>
    /// <param name="file">Not disposed.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <param name="ct">Stops reading.</param>
    /// <param name="columns">In the order wanted.</param>
    /// <exception cref="FileException">
    /// <see cref="FileException.NotParquet"/>: it is damaged, lacks a column, or holds nulls, nested columns or types that a
    /// <see cref="Table"/> cannot.
    /// </exception>
    public static async Task<Table> ReadAsync(Stream file, string name, CancellationToken ct, params IReadOnlyList<string> columns)
    {
        // Our own footer reader goes first: it refuses what would hang or exhaust Parquet.Net.
        var footer = await ParquetFooter.ReadAsync(file, name, ct);
        file.Seek(0, SeekOrigin.Begin);
        try
        {
            await using var reader = await ParquetReader.CreateAsync(file, new ParquetOptions(), leaveStreamOpen: true, ct);
            var fields = reader.Schema.GetDataFields().Where(f => f.Path.Length == 1).ToDictionary(f => f.Name, StringComparer.Ordinal);
            var read = new List<TableColumn>();
            foreach (var column in columns is [] ? footer.Schema.Columns.Select(c => c.Name) : columns)
            {
                if (!fields.TryGetValue(column, out var field))
                    throw FileException.Because(FileException.NotParquet, name, $"has no flat column '{column}'");
                if (footer.Statistics.TryGetValue(column, out var known) && known.Nulls > 0)
                    throw FileException.Because(FileException.NotParquet, name, $"has nulls in column '{column}'");

                read.Add(await ReadAsync(reader, field, name, checked((int)footer.Rows), ct));
            }

            return new Table(read);
        }
        catch (Exception e) when (e is not (FileException or OperationCanceledException or OutOfMemoryException))
        {
            throw FileException.Because(FileException.NotParquet, name, $"cannot be read as Parquet: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static async Task<TableColumn> ReadAsync(ParquetReader reader, DataField field, string file, int rows, CancellationToken ct)
    {
        if (field.ClrType == typeof(int))
            return TableColumn.Of(field.Name, await ReadAsync<int>(reader, field, rows, ct));
        if (field.ClrType == typeof(long))
            return TableColumn.Of(field.Name, await ReadAsync<long>(reader, field, rows, ct));
        if (field.ClrType == typeof(double))
            return TableColumn.Of(field.Name, await ReadAsync<double>(reader, field, rows, ct));
        if (field.ClrType == typeof(DateTime))
            return TableColumn.Of(field.Name, Array.ConvertAll(await ReadAsync<DateTime>(reader, field, rows, ct), WithoutZone));
        return field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(string)
            ? TableColumn.Of(field.Name, await ReadStringsAsync(reader, field, rows, ct))
            : throw FileException.Because(FileException.NotParquet, file, $"has a column '{field.Name}' of a type that tables do not have");
    }

    private static async Task<T[]> ReadAsync<T>(ParquetReader reader, DataField field, int rows, CancellationToken ct)
        where T : struct
    {
        var values = new T[rows];
        var at = 0;
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            var count = checked((int)group.RowCount);
            if (field.IsNullable)
            {
                var some = new T?[count];
                await group.ReadAsync(field, some.AsMemory(), null, ct);
                Array.ConvertAll(some, v => v ?? throw Null(field)).CopyTo(values, at);
            }
            else
            {
                await group.ReadAsync(field, values.AsMemory(at, count), null, ct);
            }

            at += count;
        }

        return values;
    }

    private static async Task<string[]> ReadStringsAsync(ParquetReader reader, DataField field, int rows, CancellationToken ct)
    {
        var values = new List<string>(rows);
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            var some = new string?[checked((int)group.RowCount)];
            await group.ReadAsync(field, some.AsMemory(), null, ct);
            values.AddRange(some.Select(v => v ?? throw Null(field)));
        }

        return [.. values];
    }

    private static InvalidDataException Null(DataField field) => new($"column '{field.Name}' holds nulls");

    /// <summary>Parquet.Net calls times without a zone local, although it takes them as they are written.</summary>
    private static DateTime WithoutZone(DateTime time) =>
        time.Kind is DateTimeKind.Local ? DateTime.SpecifyKind(time, DateTimeKind.Unspecified) : time;
}
