using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.PolicyProjections;
using Xunit;

namespace Catalog.Tests.PolicyProjections;

public sealed class CutRowsTests
{
    private static readonly Schema s_schema = new([new Field("n", Int32Type.Default, nullable: false)], metadata: null);

    [Theory]
    [InlineData(10, new[] { 25 }, new[] { 10, 10, 5 })]
    [InlineData(10, new[] { 3, 7, 10, 4 }, new[] { 10, 10, 4 })]
    [InlineData(10, new[] { 0, 12, 0, 0, 7, 0 }, new[] { 10, 9 })]
    [InlineData(10, new[] { 0 }, new int[0])]
    [InlineData(1, new[] { 2, 1 }, new[] { 1, 1, 1 })]
    public async Task Rows_are_cut_wherever_batches_end(int most, int[] batches, int[] expected)
    {
        await using var rows = Batches(batches).ToAsyncEnumerable().GetAsyncEnumerator();
        using var cut = new CutRows(rows);
        var files = new List<List<int>>();
        while (await cut.PeekAsync() is not null)
        {
            files.Add([]);
            await foreach (var next in cut.TakeAsync(most, TestContext.Current.CancellationToken))
            {
                using var batch = next;
                files[^1].AddRange(((Int32Array)batch.Column(0)).Values.ToArray());
            }
        }

        Assert.Equal(expected, files.Select(f => f.Count));
        Assert.Equal(Enumerable.Range(0, batches.Sum()), files.SelectMany(f => f));
    }

    private static IEnumerable<RecordBatch> Batches(int[] rows)
    {
        var first = 0;
        foreach (var count in rows)
        {
            yield return new RecordBatch(
                s_schema, [new Int32Array.Builder().AppendRange(Enumerable.Range(first, count)).Build()], count);
            first += count;
        }
    }
}
