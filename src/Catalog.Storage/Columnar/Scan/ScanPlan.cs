using Apache.Arrow;
using Catalog.Storage.Files;

namespace Catalog.Storage.Columnar;

/// <summary>A row group to decode, and where its columns are in its file.</summary>
/// <param name="Number">Its place in the order of the scan, from 0.</param>
/// <param name="FirstRow">The place of its first row among all rows of all files, read or not.</param>
internal sealed record PlannedGroup(int Number, ParquetFile File, IReadOnlyList<int> Columns, int RowGroup, long FirstRow);

/// <summary>
/// What to read and in which order: files one after the other, their row groups in order, without those of other shards and those whose
/// statistics rule them out.
/// </summary>
internal sealed class ScanPlan
{
    private readonly IReadOnlyList<ParquetSource> _sources;
    private readonly ParquetFile _first;
    private readonly ScanRequest _request;
    private readonly IReadOnlyList<Field> _fields;
    private readonly ScanCounters _counters;

    public ScanPlan(IReadOnlyList<ParquetSource> sources, ParquetFile first, ScanRequest request, ScanCounters counters)
    {
        (_sources, _first, _request, _counters) = (sources, first, request, counters);
        var wanted = request.Columns ?? [.. first.Schema.FieldsList.Select(f => f.Name)];
        CheckColumns(wanted);
        var names = wanted.Concat(request.Where.Select(c => c.Column)).Distinct(StringComparer.Ordinal).ToList();
        _fields = [.. names.Select(n => first.Schema.FieldsList[PlaceOf(n)])];
        Schema = new(_fields.Take(wanted.Count), metadata: null);
        Tests = [.. request.Where.Select(c => (names.IndexOf(c.Column), RowTests.Of(c, first.Schema.FieldsList[PlaceOf(c.Column)])))];
    }

    /// <summary>The columns asked for, in that order.</summary>
    public Schema Schema { get; }

    /// <summary>Each with the place of its column among those that are read.</summary>
    public IReadOnlyList<(int Column, RowTest Test)> Tests { get; }

    /// <exception cref="FileException">A file cannot be read.</exception>
    /// <exception cref="ScanException"><see cref="ScanException.SchemasDiffer"/>.</exception>
    public async IAsyncEnumerable<PlannedGroup> GroupsAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var number = 0;
        var index = 0;
        var firstRow = 0L;
        await foreach (var file in FilesAsync(ct))
        {
            _counters.AddFile();
            var columns = ColumnsOf(file);
            for (var group = 0; group < file.RowGroups; firstRow += file.Groups[group].Rows, group++)
            {
                if (!_request.Shard.Has(index, group))
                    continue;

                var isWanted = _request.RowGroups?.Invoke(firstRow, file.Groups[group].Rows) ?? true;
                var canMatch = isWanted && CanMatch(file, group, columns);
                _counters.AddRowGroup(isRead: canMatch);
                if (canMatch)
                    yield return new(number++, file, columns, group, firstRow);
            }

            index++;
        }
    }

    /// <summary>Where the columns that are read are in a file.</summary>
    /// <exception cref="ScanException"><see cref="ScanException.SchemasDiffer"/>.</exception>
    public IReadOnlyList<int> ColumnsOf(ParquetFile file)
    {
        if (ReferenceEquals(file, _first))
            return [.. _fields.Select(f => PlaceOf(f.Name))];

        var types = file.Table.Columns.Select((c, i) => (c, i)).ToDictionary(p => p.c.Name, p => p, StringComparer.Ordinal);
        return [.. _fields.Select(field =>
        {
            var expected = _first.Table.Columns[PlaceOf(field.Name)];
            if (!types.TryGetValue(field.Name, out var found))
                throw Differs(file, $"has no column '{field.Name}'");
            if ((found.c with { Nullable = true }) != (expected with { Nullable = true }))
                throw Differs(file, $"has a column '{field.Name}' of the type {found.c.Type} where '{_first.Name}' has {expected.Type}");
            return !found.c.Nullable || expected.Nullable
                ? found.i
                : throw Differs(file, $"allows nulls in column '{field.Name}' where '{_first.Name}' does not");
        })];
    }

    /// <summary>Whether statistics leave it open that a row of a row group meets every condition.</summary>
    public bool CanMatch(ParquetFile file, int group, IReadOnlyList<int> columns) =>
        Tests.All(t => t.Test.CanMatch(BoundsOf(file, group, columns[t.Column])));

    /// <summary>One of the files, by its place.</summary>
    public Task<ParquetFile> OpenAsync(int file, CancellationToken ct) =>
        file == 0 ? Task.FromResult(_first) : ParquetFile.OpenAsync(_sources[file], ct);

    /// <summary>Footers are read ahead, so that decoders do not wait for them where a read takes long.</summary>
    private async IAsyncEnumerable<ParquetFile> FilesAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        yield return _first;

        var opening = new Queue<Task<ParquetFile>>();
        for (var next = 1; next < _sources.Count || opening.Count > 0;)
        {
            while (next < _sources.Count && opening.Count < _request.Parallelism)
                opening.Enqueue(ParquetFile.OpenAsync(_sources[next++], ct));
            yield return await opening.Dequeue();
        }
    }

    private static Bounds BoundsOf(ParquetFile file, int group, int column)
    {
        var layout = file.Groups[group];
        return file.LeavesOf(column) is (var leaf, 1) && layout.Chunks[leaf] is { IsHere: true } chunk
            ? new(layout.Rows, chunk.Min, chunk.Max, chunk.Nulls)
            : new(layout.Rows, Min: null, Max: null, Nulls: null);
    }

    private void CheckColumns(IReadOnlyList<string> wanted)
    {
        if (wanted.Count == 0)
            throw new ScanException(ScanException.BadColumns, "No column is asked for; name one at least.");
        if (wanted.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { Key: var twice })
            throw new ScanException(ScanException.BadColumns, $"The column '{twice}' is asked for twice.");
        foreach (var name in wanted)
            PlaceOf(name);
        if (_request.Where.FirstOrDefault(c => _first.Schema.GetFieldIndex(c.Column) < 0) is { Column: var unknown })
            throw new ScanException(ScanException.BadCondition, $"'{_first.Name}' has no column '{unknown}' to compare.");
    }

    private int PlaceOf(string name) => _first.Schema.GetFieldIndex(name) is >= 0 and var place
        ? place
        : throw new ScanException(
            ScanException.BadColumns,
            $"'{_first.Name}' has no column '{name}'; it has {string.Join(", ", _first.Schema.FieldsList.Select(f => $"'{f.Name}'"))}.");

    private static ScanException Differs(ParquetFile file, string how) =>
        new(ScanException.SchemasDiffer, $"'{file.Name}' {how}; files of one scan have the same columns.");
}
