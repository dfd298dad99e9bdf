using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>Fetches chosen rows of a version by their places: row groups without any are not read.</summary>
internal static class PlacedRows
{
    /// <param name="files">Of the version, in its order.</param>
    /// <param name="columns">Which columns.</param>
    /// <param name="places">By row of the answer: where its row is in the version, or -1 for one that is null in every column.</param>
    /// <returns>By column, the rows in the order of <paramref name="places"/>.</returns>
    public static async Task<IArrowArray[]> TakeAsync(
        IReadOnlyList<ParquetSource> files, IReadOnlyList<string> columns, long[] places, JoinOptions options, CancellationToken ct)
    {
        var wanted = new PlaceSet(places);
        var scan = await ColumnScan.OpenAsync(files, new()
        {
            Columns = columns,
            RowGroups = wanted.HasAny,
            Parallelism = options.Parallelism,
            MaxBytesInFlight = options.MaxBytesInFlight,
        }, ct);
        var parts = columns.Select(_ => new List<IArrowArray>()).ToArray();
        await foreach (var (batch, first) in scan.ReadPlacedAsync(ct))
        {
            using (batch)
                Gather(batch, wanted.Within(first, batch.Length), parts);
        }

        // A row that none was found for is the one behind the last, which is null.
        var ranks = new int[places.Length];
        for (var i = 0; i < places.Length; i++)
            ranks[i] = places[i] < 0 ? wanted.Count : wanted.RankOf(places[i]);
        return [.. parts.Select((part, i) =>
        {
            using var found = Join(part, scan.Schema.FieldsList[i].DataType);
            return RowGather.Take(found, ranks);
        })];
    }

    private static void Gather(RecordBatch batch, int[] rows, List<IArrowArray>[] parts)
    {
        if (rows.Length == 0)
            return;
        for (var column = 0; column < parts.Length; column++)
            parts[column].Add(RowGather.Take(batch.Column(column), rows));
    }

    /// <summary>The rows that were found, and behind them one that is null.</summary>
    private static IArrowArray Join(List<IArrowArray> parts, IArrowType type)
    {
        if (type is NullType)
            return new NullArray(parts.Sum(p => p.Length) + 1);
        parts.Add(EmptyArrays.NullOf(type));
        return parts.Count == 1 ? parts[0] : ArrowArrayConcatenator.Concatenate(parts);
    }
}
