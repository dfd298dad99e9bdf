using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Sdk;
using Catalog.Storage.Hot;

namespace Catalog.Benchmarks.Serving;

/// <summary>A view of float features by a number, and rows of it: keys from 0, in a shuffled order.</summary>
/// <param name="Features">How many.</param>
internal sealed record FloatTable(int Features)
{
    /// <summary>The feature service that all of them are read by.</summary>
    public static readonly QualifiedName Service = new("bench", "service");

    private const int BatchRows = 8192;

    public FeatureDefinition View { get; } = new(
        [new Entity("thing", [new EntityKey("id", "int64", "id")])],
        new FeatureSource(NodeId.Dataset("bench", "events"), "at"),
        [.. Enumerable.Range(0, Features).Select(i => new Feature($"f{i}", "float32", $"f{i}"))]);

    public GenerationHeader Header => new(
        NodeId.FeatureView("bench", "view").WithVersion(1), View, [new(NodeId.Dataset("bench", "events").WithVersion(1), 1)], 0, "bench/1");

    public IReadOnlyList<RecordBatch> Batches(int rows)
    {
        long[] keys = [.. Enumerable.Range(0, rows).Select(i => (long)i)];
        var random = new Random(1);
        random.Shuffle(keys);
        return [.. keys.Chunk(BatchRows).Select(k => Batch(k, random))];
    }

    /// <summary>Each row as its values' bytes, by key.</summary>
    public IEnumerable<(long Key, byte[] Row)> Packed(IReadOnlyList<RecordBatch> batches)
    {
        foreach (var batch in batches)
        {
            var keys = (Int64Array)batch.Column(0);
            for (var i = 0; i < batch.Length; i++)
            {
                var row = new byte[Features * sizeof(float)];
                for (var f = 0; f < Features; f++)
                    MemoryMarshal.Write(row.AsSpan(f * sizeof(float)), ((FloatArray)batch.Column(f + 2)).Values[i]);
                yield return (keys.Values[i], row);
            }
        }
    }

    private RecordBatch Batch(long[] keys, Random random)
    {
        var schema = new Schema(
            [
                new Field("id", Int64Type.Default, nullable: false),
                new Field("at", new TimestampType(TimeUnit.Microsecond, "UTC"), nullable: false),
                .. Enumerable.Range(0, Features).Select(i => new Field($"f{i}", FloatType.Default, nullable: true)),
            ],
            metadata: null);
        var times = new byte[keys.Length * sizeof(long)];
        List<IArrowArray> arrays =
        [
            new Int64Array.Builder().AppendRange(keys).Build(),
            ArrowArrayFactory.BuildArray(
                new ArrayData(schema.FieldsList[1].DataType, keys.Length, 0, 0, [ArrowBuffer.Empty, new(times)])),
        ];
        for (var f = 0; f < Features; f++)
            arrays.Add(new FloatArray.Builder().AppendRange(keys.Select(_ => random.NextSingle())).Build());
        return new(schema, arrays, keys.Length);
    }
}
