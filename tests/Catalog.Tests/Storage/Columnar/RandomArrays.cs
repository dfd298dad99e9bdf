using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Arrays of any type that Parquet has, with nulls at every level that allows them; the same for the same seed.</summary>
internal sealed class RandomArrays(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Every type, and types within types.</summary>
    public static Schema EveryType { get; } = new(
        [
            .. Flat.Select((type, i) => new Field($"required_{i}_{type.Name}", type, nullable: false)),
            .. Flat.Select((type, i) => new Field($"optional_{i}_{type.Name}", type, nullable: true)),
            new("nothing", NullType.Default, nullable: true),
            .. Nested.Select((type, i) => new Field($"nested_{i}", type, nullable: i % 2 == 0)),
        ],
        metadata: null);

    private static IArrowType[] Flat =>
    [
        BooleanType.Default, Int8Type.Default, Int16Type.Default, Int32Type.Default, Int64Type.Default, UInt8Type.Default,
        UInt16Type.Default, UInt32Type.Default, UInt64Type.Default, HalfFloatType.Default, FloatType.Default, DoubleType.Default,
        new Decimal128Type(5, 2), new Decimal128Type(18, 18), new Decimal128Type(38, 10), new Decimal256Type(60, 20), Date32Type.Default,
        new Time32Type(TimeUnit.Millisecond), new Time64Type(TimeUnit.Microsecond), new Time64Type(TimeUnit.Nanosecond),
        new TimestampType(TimeUnit.Millisecond, "UTC"), new TimestampType(TimeUnit.Microsecond, "UTC"),
        new TimestampType(TimeUnit.Nanosecond, "UTC"), new TimestampType(TimeUnit.Millisecond, (string?)null),
        new TimestampType(TimeUnit.Microsecond, (string?)null), new TimestampType(TimeUnit.Nanosecond, (string?)null),
        StringType.Default, BinaryType.Default, new FixedSizeBinaryType(16), new FixedSizeBinaryType(3),
    ];

    private static IArrowType[] Nested
    {
        get
        {
            var list = new ListType(new Field("element", Int32Type.Default, nullable: true));
            var point = new StructType([new("x", DoubleType.Default, nullable: false), new("name", StringType.Default, nullable: true)]);
            var map = new MapType(new Field("key", StringType.Default, nullable: false), new Field("value", point, nullable: true));
            return
            [
                list,
                new ListType(new Field("element", StringType.Default, nullable: false)),
                new ListType(new Field("element", list, nullable: true)),
                point,
                new StructType([new("within", point, nullable: true), new("many", list, nullable: true)]),
                new ListType(new Field("element", point, nullable: true)),
                map,
                new ListType(new Field("element", map, nullable: false)),
                new MapType(
                    new Field("key", Int64Type.Default, nullable: false),
                    new Field("value", new ListType(new Field("element", BooleanType.Default, nullable: true)), nullable: false)),
            ];
        }
    }

    public RecordBatch Batch(Schema schema, int rows) =>
        new(schema, [.. schema.FieldsList.Select(f => ArrowArrayFactory.BuildArray(Array(f.DataType, rows, f.IsNullable)))], rows);

    public ArrayData Array(IArrowType type, int rows, bool nullable)
    {
        var (validity, nulls) = Validity(rows, nullable);
        return type switch
        {
            NullType => new NullArray(rows).Data,
            BooleanType => new(type, rows, nulls, 0, [validity, new(Bytes((rows + 7) / 8))]),
            StringType or BinaryType => Text(type, rows, validity, nulls),
            StructType nested =>
                new(type, rows, nulls, 0, [validity], [.. nested.Fields.Select(f => Array(f.DataType, rows, f.IsNullable))]),
            ListType list => List(type, rows, validity, nulls, n => Array(list.ValueDataType, n, list.ValueField.IsNullable)),
            MapType map => List(type, rows, validity, nulls, n => new(
                map.KeyValueType, n, 0, 0, [ArrowBuffer.Empty],
                [Array(map.KeyField.DataType, n, nullable: false), Array(map.ValueField.DataType, n, map.ValueField.IsNullable)])),
            _ => new(type, rows, nulls, 0, [validity, new(Fixed(type, rows))]),
        };
    }

    private (ArrowBuffer Validity, int Nulls) Validity(int rows, bool nullable)
    {
        if (!nullable)
            return (ArrowBuffer.Empty, 0);

        var (bits, nulls) = (new byte[(rows + 7) / 8], 0);
        for (var i = 0; i < rows; i++)
        {
            var isThere = _random.Next(4) > 0;
            bits[i >> 3] |= (byte)((isThere ? 1 : 0) << (i & 7));
            nulls += isThere ? 0 : 1;
        }

        return (new(bits), nulls);
    }

    private ArrayData Text(IArrowType type, int rows, ArrowBuffer validity, int nulls)
    {
        var (offsets, bytes) = (new int[rows + 1], new List<byte>());
        for (var i = 0; i < rows; i++)
        {
            bytes.AddRange(type is StringType
                ? Encoding.UTF8.GetBytes(new string((char)_random.Next('a', 'ÿ'), _random.Next(3)) + _random.Next(100))
                : Bytes(_random.Next(5)));
            offsets[i + 1] = bytes.Count;
        }

        return new(type, rows, nulls, 0, [validity, new(MemoryMarshal.AsBytes(offsets.AsSpan()).ToArray()), new(bytes.ToArray())]);
    }

    private ArrayData List(IArrowType type, int rows, ArrowBuffer validity, int nulls, Func<int, ArrayData> elements)
    {
        var offsets = new int[rows + 1];
        for (var i = 0; i < rows; i++)
        {
            // Parquet keeps nothing of what lies beneath a null.
            var isThere = validity.IsEmpty || BitUtility.GetBit(validity.Span, i);
            offsets[i + 1] = offsets[i] + (isThere ? _random.Next(4) : 0);
        }

        return new(type, rows, nulls, 0, [validity, new(MemoryMarshal.AsBytes(offsets.AsSpan()).ToArray())], [elements(offsets[rows])]);
    }

    private byte[] Fixed(IArrowType type, int rows) => type switch
    {
        Decimal128Type d => Numbers(rows, () => (Int128)(long)(_random.NextInt64() % Math.Pow(10, Math.Min(d.Precision, 17))) * Sign()),
        Decimal256Type => [.. Enumerable.Range(0, rows).SelectMany(_ =>
            new System.Numerics.BigInteger(Bytes(20)) is var n && n.Sign >= 0
                ? n.ToByteArray().Concat(new byte[32]).Take(32)
                : n.ToByteArray().Concat(Enumerable.Repeat((byte)0xff, 32)).Take(32))],
        Time32Type => Numbers(rows, () => _random.Next(86_400_000)),
        Time64Type { Unit: TimeUnit.Microsecond } => Numbers(rows, () => _random.NextInt64(86_400_000_000)),
        Time64Type => Numbers(rows, () => _random.NextInt64(86_400_000_000_000)),
        HalfFloatType => Numbers(rows, () => (Half)(_random.NextDouble() * 100 * Sign())),
        FloatType => Numbers(rows, () => _random.Next(20) == 0 ? float.NaN : _random.NextSingle() * Sign()),
        DoubleType => Numbers(rows, () => _random.Next(20) == 0 ? double.NaN : _random.Next(10) * 0.5 * Sign()),
        FixedWidthType { BitWidth: var bits } => Bytes(rows * bits / 8),
        _ => throw new NotSupportedException(type.Name),
    };

    private static byte[] Numbers<T>(int rows, Func<T> next)
        where T : unmanaged
    {
        var numbers = new T[rows];
        foreach (ref var number in numbers.AsSpan())
            number = next();
        return MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
    }

    private int Sign() => _random.Next(2) == 0 ? -1 : 1;

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
