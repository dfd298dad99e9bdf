using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Schemas;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>Chooses the mask for each column, and for each field within structs.</summary>
/// <param name="obligations">That say what is shown.</param>
/// <param name="hashes">Makes what hashes are shown as; asked for each column that is hashed.</param>
internal sealed class MaskChoice(AccessObligations obligations, Func<HashShape, KeyedHashes> hashes)
{
    private readonly List<ColumnMask> _applied = [];

    /// <summary>What was chosen so far.</summary>
    public IReadOnlyList<ColumnMask> Applied => _applied;

    /// <param name="field">A column, or a field of a struct.</param>
    /// <param name="parent">The path of the struct; empty for a column.</param>
    /// <returns>The field as it is shown, and its mask; no mask where it is shown as it is.</returns>
    public (Field Field, ArrayMask? Mask) Of(Field field, string parent)
    {
        var path = ColumnPath.Join(parent, field.Name);
        var mask = obligations.MaskOf(path);
        if (mask == Mask.None)
            return (field, null);
        if (field.DataType is StructType type && !IsMaskedWhole(path))
            return OfStruct(field, type, path);

        var chosen = Fitting(mask, field.DataType);
        _applied.Add(new(path, chosen is NullMask ? Mask.Null : mask));
        return (Nullable(field, field.IsNullable || chosen.MakesNulls), chosen);
    }

    private (Field Field, ArrayMask? Mask) OfStruct(Field field, StructType type, string path)
    {
        var before = _applied.Count;
        var fields = type.Fields.Select(f => Of(f, path)).ToList();

        // What is named in it is not there.
        if (_applied.Count == before)
            return (field, null);
        var shown = new StructType([.. fields.Select(f => f.Field)]);
        return (new(field.Name, shown, field.IsNullable, field.Metadata), new StructMask(shown, [.. fields.Select(f => f.Mask)]));
    }

    /// <summary>Whether a struct is masked itself, rather than something in it.</summary>
    private bool IsMaskedWhole(string path)
    {
        var said = obligations.Masks.Where(m => m.Column == path || path.StartsWith(m.Column + '.', StringComparison.Ordinal));
        return (said.MaxBy(m => m.Column.Length)?.Mask ?? obligations.Everywhere) != Mask.None;
    }

    private ArrayMask Fitting(Mask mask, IArrowType type) => mask switch
    {
        Mask.LastFour when type is StringType => new LastFourMask(),
        Mask.Redact when type is StringType => new RedactMask(),
        Mask.Year => Year(type),
        Mask.Bucket => Bucket(type),
        Mask.Hash => Hash(type),
        _ => new NullMask(type),
    };

    private static ArrayMask Year(IArrowType type) => type switch
    {
        Date32Type => new YearMask<int>(unitsInADay: 1),
        TimestampType { Unit: TimeUnit.Second } => new YearMask<long>(TimeSpan.SecondsPerDay),
        TimestampType { Unit: TimeUnit.Millisecond } => new YearMask<long>(TimeSpan.MillisecondsPerDay),
        TimestampType { Unit: TimeUnit.Microsecond } => new YearMask<long>(TimeSpan.MicrosecondsPerDay),
        TimestampType => new YearMask<long>(TimeSpan.MicrosecondsPerDay * 1000),
        _ => new NullMask(type),
    };

    private static ArrayMask Bucket(IArrowType type) => type switch
    {
        Int8Type => new WholeBucketMask<sbyte>(),
        Int16Type => new WholeBucketMask<short>(),
        Int32Type => new WholeBucketMask<int>(),
        Int64Type => new WholeBucketMask<long>(),
        UInt8Type => new WholeBucketMask<byte>(),
        UInt16Type => new WholeBucketMask<ushort>(),
        UInt32Type => new WholeBucketMask<uint>(),
        UInt64Type => new WholeBucketMask<ulong>(),
        HalfFloatType => new FloatBucketMask<Half>(digits: 11),
        FloatType => new FloatBucketMask<float>(digits: 24),
        DoubleType => new FloatBucketMask<double>(digits: 53),
        Decimal128Type d => new DecimalBucketMask(d.Precision, d.Scale),
        Decimal256Type d => new WideDecimalBucketMask(d.Precision, d.Scale),
        _ => new NullMask(type),
    };

    // A decimal is bytes of a fixed width to Arrow; an interval is twelve of them.
    private ArrayMask Hash(IArrowType type) => type switch
    {
        StringType => new HashMask(hashes(HashShape.Digits)),
        BinaryType => new HashMask(hashes(new(HashShape.Bytes, InDigits: false))),
        Int64Type or UInt64Type => new FixedHashMask(hashes(new(sizeof(long), InDigits: false))),
        FixedSizeBinaryType { TypeId: ArrowTypeId.FixedSizedBinary, ByteWidth: >= 16 and <= HashShape.Bytes and var width } =>
            new FixedHashMask(hashes(new(width, InDigits: false))),
        _ => new NullMask(type),
    };

    private static Field Nullable(Field field, bool nullable) => new(field.Name, field.DataType, nullable, field.Metadata);
}
