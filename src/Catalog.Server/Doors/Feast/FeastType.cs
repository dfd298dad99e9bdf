using Catalog.Hot;

namespace Catalog.Server.Doors.Feast;

/// <summary>Feast's types of values, by their numbers in <c>feast.types.Value</c> and <c>ValueType.Enum</c>.</summary>
internal enum FeastType
{
    Bytes = 1,
    String = 2,
    Int32 = 3,
    Int64 = 4,
    Double = 5,
    Float = 6,
    Bool = 7,
    UnixTimestamp = 8,
    Json = 32,
    Uuid = 36,
    Decimal = 44,
}

/// <summary>Which of them stands for a type of ours.</summary>
internal static class FeastTypes
{
    /// <summary>What is added to the number of a type for the number of lists of it, where it is one of the first eight.</summary>
    private const int ListOffset = 10;

    /// <summary>
    /// The type of one value. Feast has no times of day and no intervals, which are texts; dates are their first second.
    /// </summary>
    public static FeastType Of(HotType type) => type.Kind switch
    {
        HotKind.Bool => FeastType.Bool,
        HotKind.Int8 or HotKind.Int16 or HotKind.Int32 or HotKind.UInt8 or HotKind.UInt16 => FeastType.Int32,
        HotKind.UInt32 or HotKind.Int64 or HotKind.UInt64 => FeastType.Int64,
        HotKind.Float16 or HotKind.Float32 => FeastType.Float,
        HotKind.Float64 => FeastType.Double,
        HotKind.Date or HotKind.Timestamp => FeastType.UnixTimestamp,
        HotKind.Decimal => FeastType.Decimal,
        HotKind.Uuid => FeastType.Uuid,
        HotKind.Text => type.Name == "json" ? FeastType.Json : FeastType.String,
        HotKind.Binary => FeastType.Bytes,
        HotKind.Bytes when type.Name != "interval" => FeastType.Bytes,
        HotKind.Bytes or HotKind.Time => FeastType.String,
        _ => throw new ArgumentException($"{type.Name} is no type of one value.", nameof(type)),
    };

    /// <summary>The number of the member of <c>feast.types.Value</c> that holds lists of a type.</summary>
    public static int ListOf(FeastType type) => type switch
    {
        FeastType.Json => 33,
        FeastType.Uuid => 38,
        FeastType.Decimal => 45,
        _ => (int)type + ListOffset,
    };
}
