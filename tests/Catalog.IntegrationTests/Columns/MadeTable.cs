using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;

namespace Catalog.IntegrationTests.Columns;

/// <summary>Flights that never were: the same for the same seed.</summary>
internal static class MadeTable
{
    private const int BatchRows = 10_000;

    public static Schema Schema { get; } = new(
        [
            new Field("flight", Int64Type.Default, nullable: false),
            new Field("delay", Int32Type.Default, nullable: true),
            new Field("distance", DoubleType.Default, nullable: false),
            new Field("origin", StringType.Default, nullable: true),
        ],
        metadata: null);

    /// <summary>Writes files of so many rows, each of several row groups.</summary>
    public static async Task<IReadOnlyList<string>> WriteAsync(string folder, int files, int rows)
    {
        var paths = new List<string>();
        for (var file = 0; file < files; file++)
        {
            var path = Path.Combine(Directory.CreateDirectory(folder).FullName, $"part-{file:D3}.parquet");
            await ParquetFileWriter.WriteAsync(
                path, Schema, Batches(file, rows).ToAsyncEnumerable(), new ParquetWriteOptions { RowGroupRows = 7_000 },
                CancellationToken.None);
            paths.Add(path);
        }

        return paths;
    }

    public static IEnumerable<RecordBatch> Batches(int seed, int rows)
    {
        var random = new Random(seed);
        for (var at = 0; at < rows; at += BatchRows)
            yield return Batch(random, at, Math.Min(BatchRows, rows - at));
    }

    private static RecordBatch Batch(Random random, int first, int rows)
    {
        var (flights, delays, distances, origins) =
            (new Int64Array.Builder(), new Int32Array.Builder(), new DoubleArray.Builder(), new StringArray.Builder());
        for (var row = 0; row < rows; row++)
        {
            flights.Append(first + row);
            delays.Append(random.Next(10) == 0 ? null : random.Next(-30, 400));
            distances.Append(random.NextDouble() * 5_000);
            origins.Append(random.Next(20) == 0 ? null : $"airport {random.Next(300)}");
        }

        return new RecordBatch(Schema, [flights.Build(), delays.Build(), distances.Build(), origins.Build()], rows);
    }
}
