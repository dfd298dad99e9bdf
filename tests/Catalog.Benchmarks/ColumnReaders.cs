using Apache.Arrow;
using Catalog.Storage.Columnar;
using DuckDB.NET.Data;
using Parquet;
using Parquet.Schema;
using ParquetSharp.Arrow;

namespace Catalog.Benchmarks;

/// <summary>The readers that are compared. Each looks at one column of what it read.</summary>
internal static class ColumnReaders
{
    private const int BatchRows = ScanRequest.DefaultBatchRows;
    private const int Threads = 2;

    public static async Task<Sum> CatalogAsync(ColumnRead read, IParquetEngine engine)
    {
        var request = new ScanRequest { Columns = read.Columns, Parallelism = Threads, Where = [.. Conditions(read)] };
        var scan = await ColumnScan.OpenAsync([.. read.Files.Select(ParquetSource.File)], request, CancellationToken.None, engine);
        var sum = default(Sum);
        await foreach (var batch in scan.ReadAsync())
        {
            using (batch)
                sum = Add(sum, batch, read.Summed);
        }

        return sum;
    }

    /// <summary>Readers that take row groups in turns, as one would write it; whole row groups where a range is asked for.</summary>
    public static async Task<Sum> ParquetSharpAsync(ColumnRead read)
    {
        var sums = await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            var sum = default(Sum);
            foreach (var file in read.Files)
                sum = Add(sum, await ParquetSharpAsync(file, read, useThreads: false, g => g % Threads == thread));
            return sum;
        })));
        return sums.Aggregate(Add);
    }

    public static async Task<Sum> ParquetSharpThreadsAsync(ColumnRead read)
    {
        var sum = default(Sum);
        foreach (var file in read.Files)
            sum = Add(sum, await ParquetSharpAsync(file, read, useThreads: true, _ => true));
        return sum;
    }

    /// <summary>Values as Parquet.Net gives them: managed arrays, text as characters, and no Arrow.</summary>
    public static async Task<Sum> ParquetNetAsync(ColumnRead read)
    {
        var sum = default(Sum);
        foreach (var file in read.Files)
        {
            await using var reader = await ParquetReader.CreateAsync(file);
            var fields = reader.Schema.GetDataFields().Where(f => read.Columns?.Contains(f.Name, StringComparer.Ordinal) ?? true).ToArray();
            for (var g = 0; g < reader.RowGroupCount; g++)
            {
                using var group = reader.OpenRowGroupReader(g);
                var id = reader.Schema.GetDataFields()[0];
                if (read.From is { } from && group.GetStatistics(id) is { MinValue: long min, MaxValue: long max }
                    && (max < from || min > read.To))
                    continue;

                var values = 0d;
                foreach (var field in fields)
                    values += await ReadAsync(group, field, field.Name == read.Summed);
                sum = Add(sum, new(group.RowCount, values));
            }
        }

        return sum;
    }

    public static async Task<Sum> DuckDbAsync(ColumnRead read)
    {
        await using var connection = new DuckDBConnection("DataSource=:memory:");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"set threads={Threads}; set preserve_insertion_order=true;";
        await command.ExecuteNonQueryAsync();
        var files = string.Join(", ", read.Files.Select(f => $"'{f}'"));
        var range = read.From is { } from ? $" where id between {from} and {read.To}" : "";
        command.CommandText = $"select {(read.Columns is { } c ? string.Join(", ", c) : "*")} from read_parquet([{files}]){range}";
        command.UseStreamingMode = true;
        var sum = default(Sum);
        using var batches = command.ExecuteArrowStream();
        while (await batches.ReadNextRecordBatchAsync() is { } batch)
        {
            using (batch)
                sum = Add(sum, batch, read.Summed);
        }

        return sum;
    }

    private static IEnumerable<Condition> Conditions(ColumnRead read) => (read.From, read.To) is ({ } from, { } to)
        ? [new("id", Comparison.GreaterOrEqual, from), new("id", Comparison.LessOrEqual, to)]
        : [];

    private static async Task<Sum> ParquetSharpAsync(string file, ColumnRead read, bool useThreads, Func<int, bool> isMine)
    {
        using var properties = ArrowReaderProperties.GetDefault();
        (properties.UseThreads, properties.BatchSize) = (useThreads, BatchRows);
        using var reader = new FileReader(file, arrowProperties: properties);
        var columns = read.Columns?.Select(c => reader.Schema.GetFieldIndex(c)).ToArray();
        int[] groups = [.. Enumerable.Range(0, reader.NumRowGroups).Where(isMine).Where(g => Overlaps(reader, g, read))];
        var sum = default(Sum);
        if (groups.Length == 0)
            return sum;

        using var batches = reader.GetRecordBatchReader(groups, columns);
        while (await batches.ReadNextRecordBatchAsync() is { } batch)
        {
            using (batch)
                sum = Add(sum, batch, read.Summed);
        }

        return sum;
    }

    private static bool Overlaps(FileReader reader, int rowGroup, ColumnRead read)
    {
        if (read.From is null)
            return true;

        using var parquet = reader.ParquetReader;
        using var group = parquet.RowGroup(rowGroup);
        return group.MetaData.GetColumnChunkMetaData(0).Statistics is not ParquetSharp.Statistics<long> s
            || (s.Max >= read.From && s.Min <= read.To);
    }

    private static async Task<double> ReadAsync(ParquetRowGroupReader group, DataField field, bool isSummed)
    {
        var type = field.ClrType;
        if (type == typeof(long))
            return await ReadAsync<long>(group, field, isSummed);
        if (type == typeof(int))
            return await ReadAsync<int>(group, field, isSummed);
        if (type == typeof(short))
            return await ReadAsync<short>(group, field, isSummed);
        if (type == typeof(double))
            return await ReadAsync<double>(group, field, isSummed);
        if (type == typeof(float))
            return await ReadAsync<float>(group, field, isSummed);
        return type == typeof(DateTime)
            ? await ReadAsync<DateTime>(group, field, isSummed: false)
            : await ReadAsync<ReadOnlyMemory<char>>(group, field, isSummed: false);
    }

    private static async Task<double> ReadAsync<T>(ParquetRowGroupReader group, DataField field, bool isSummed)
        where T : struct
    {
        var values = GC.AllocateUninitializedArray<T>((int)group.RowCount);
        var levels = field.MaxDefinitionLevel > 0 ? new int[group.RowCount] : null;
        await group.ReadRawAsync(field, values.AsMemory(), levels?.AsMemory(), null);
        var present = levels is null ? values.Length : levels.AsSpan().Count(field.MaxDefinitionLevel);
        return isSummed ? values.Take(present).Sum(v => Convert.ToDouble(v, System.Globalization.CultureInfo.InvariantCulture)) : 0;
    }

    private static Sum Add(Sum one, Sum other) => new(one.Rows + other.Rows, one.Value + other.Value);

    private static Sum Add(Sum sum, RecordBatch batch, string column) => batch.Column(column) switch
    {
        DoubleArray a => new(sum.Rows + batch.Length, sum.Value + System.Numerics.Tensors.TensorPrimitives.Sum(a.Values)),
        Int16Array a => new(sum.Rows + batch.Length, sum.Value + Total(a.Values)),
        Int32Array a => new(sum.Rows + batch.Length, sum.Value + Total(a.Values)),
        Int64Array a => new(sum.Rows + batch.Length, sum.Value + Total(a.Values)),
        var other => throw new NotSupportedException($"The column is {other.Data.DataType.Name}."),
    };

    private static double Total<T>(ReadOnlySpan<T> values)
        where T : struct, System.Numerics.INumber<T>
    {
        var total = 0d;
        foreach (var value in values)
            total += double.CreateTruncating(value);
        return total;
    }
}
