using Apache.Arrow;
using Catalog.Features;
using Catalog.Storage.Columnar.PointInTime;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>The join beside a naive one, on tables made so that times, keys and ties meet often.</summary>
public sealed class PointInTimeJoinTests
{
    [Fact]
    public Task Rows_get_what_the_rules_say() => JoinCase.Any.SampleAsync(async c =>
    {
        var expected = c.Rows.Select(r => string.Join('|', NaiveJoin.Of(c.View, r, c.Events, c.KnownAt).Select(Text))).ToList();

        Assert.Equal(expected, await JoinAsync(c));
    }, iter: 400);

    [Fact]
    public Task However_much_memory_threads_and_batches_the_answer_is_the_same() => JoinCase.Any.SampleAsync(async c =>
    {
        var one = await JoinAsync(c with { BatchRows = 1_000, ChunkRows = 1 << 20, WaitingBytes = 1 << 20, Threads = 1 });

        Assert.Equal(one, await JoinAsync(c with { BatchRows = 3, ChunkRows = 2, WaitingBytes = 1, Threads = 3 }));
    }, iter: 100);

    private static async Task<List<string>> JoinAsync(JoinCase c)
    {
        var files = await JoinTables.FilesAsync(c.Events, c.Files, c.GroupRows);
        var view = new JoinedView(
            "feature-view:t/v@1", c.View, files, c.View.Keys().ToDictionary(k => k.Name, k => k.Column),
            [.. c.View.Features.Select(f => new JoinedFeature(f, $"v__{f.Name}"))]);
        var options = new JoinOptions
        {
            KnownAt = c.KnownAt,
            BatchRows = c.BatchRows,
            MaxChunkRows = c.ChunkRows,
            WaitingBytes = c.WaitingBytes,
            Parallelism = c.Threads,
        };
        var join = await PointInTimeJoin.OpenAsync(JoinTables.Schema, "at", timeZone: null, [view], options, CancellationToken.None);
        var batches = c.Rows.Chunk(4).Select(JoinTables.Batch).ToAsyncEnumerable();
        var (answer, row) = (new List<string>(), 0);
        await foreach (var batch in join.ReadAsync(batches))
        {
            using (batch)
            {
                for (var i = 0; i < batch.Length; i++, row++)
                {
                    Assert.Equal(c.Rows[row].Text, ((StringArray)batch.Column("text")).GetString(i));
                    answer.Add(string.Join('|', c.View.Features.Select(f => Text(Value(batch.Column($"v__{f.Name}"), i)))));
                }
            }
        }

        return answer;
    }

    internal static object? Value(IArrowArray array, int row) => array switch
    {
        DoubleArray a => a.GetValue(row),
        Int64Array a => a.GetValue(row),
        Int32Array a => a.GetValue(row),
        StringArray a => a.GetString(row),
        _ => throw new NotSupportedException(array.Data.DataType.Name),
    };

    private static string Text(object? value) => value is null
        ? "null"
        : $"{value.GetType().Name}:{Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)}";
}
