using Parquet.Meta;

namespace Catalog.Storage.Columnar;

/// <summary>
/// The union LogicalType of parquet.thrift. A member this catalog does not know leaves all of them null: the physical type then counts.
/// </summary>
internal static class LogicalTypeDecoder
{
    public static LogicalType Read(ref CompactReader reader, CompactField outer)
    {
        reader.Struct(outer);
        var type = new LogicalType();
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            reader.Struct(field);
            switch (field.Id)
            {
                case 5:
                    type.DECIMAL = ReadDecimal(ref reader);
                    continue;
                case 7:
                    var (timeIsUtc, timeUnit) = ReadTime(ref reader);
                    type.TIME = new() { IsAdjustedToUTC = timeIsUtc, Unit = timeUnit };
                    continue;
                case 8:
                    var (isUtc, unit) = ReadTime(ref reader);
                    type.TIMESTAMP = new() { IsAdjustedToUTC = isUtc, Unit = unit };
                    continue;
                case 10:
                    type.INTEGER = ReadInteger(ref reader);
                    continue;
                default:
                    reader.Skip(field);
                    SetPlain(type, field.Id);
                    continue;
            }
        }

        return type;
    }

    private static void SetPlain(LogicalType type, short id)
    {
        switch (id)
        {
            case 1:
                type.STRING = new();
                break;
            case 2:
                type.MAP = new();
                break;
            case 3:
                type.LIST = new();
                break;
            case 4:
                type.ENUM = new();
                break;
            case 6:
                type.DATE = new();
                break;
            case 11:
                type.UNKNOWN = new();
                break;
            case 12:
                type.JSON = new();
                break;
            case 13:
                type.BSON = new();
                break;
            case 14:
                type.UUID = new();
                break;
            case 15:
                type.FLOAT16 = new();
                break;
        }
    }

    private static DecimalType ReadDecimal(ref CompactReader reader)
    {
        var type = new DecimalType();
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            if (field.Id == 1)
                type.Scale = reader.Int32(field);
            else if (field.Id == 2)
                type.Precision = reader.Int32(field);
            else
                reader.Skip(field);
        }

        return type;
    }

    private static IntType ReadInteger(ref CompactReader reader)
    {
        var type = new IntType();
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            if (field.Id == 1)
                type.BitWidth = reader.Int8(field);
            else if (field.Id == 2)
                type.IsSigned = reader.Bool(field);
            else
                reader.Skip(field);
        }

        return type;
    }

    private static (bool IsUtc, TimeUnit Unit) ReadTime(ref CompactReader reader)
    {
        var (isUtc, unit) = (false, new TimeUnit());
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            if (field.Id == 1)
                isUtc = reader.Bool(field);
            else if (field.Id == 2)
                unit = ReadUnit(ref reader, field);
            else
                reader.Skip(field);
        }

        return (isUtc, unit);
    }

    private static TimeUnit ReadUnit(ref CompactReader reader, CompactField outer)
    {
        reader.Struct(outer);
        var unit = new TimeUnit();
        for (var field = default(CompactField); reader.Next(ref field); reader.Skip(field))
        {
            switch (field.Id)
            {
                case 1:
                    unit.MILLIS = new();
                    break;
                case 2:
                    unit.MICROS = new();
                    break;
                case 3:
                    unit.NANOS = new();
                    break;
            }
        }

        return unit;
    }
}
