using System.Text.Json;
using System.Text.Json.Nodes;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Feast;

/// <summary><c>feast.types.Value</c> as JSON, for rows that are pushed.</summary>
internal static class FeastProtoJson
{
    private const int ListOffset = 10;

    /// <exception cref="ProblemException">Features have no such type.</exception>
    public static JsonElement Read(ReadOnlySpan<byte> message)
    {
        const int Null = 19;
        var value = new ProtoReader(message);
        return JsonSerializer.SerializeToElement(!value.Next() || value.Field == Null ? null : Read(ref value));
    }

    private static JsonNode? Read(ref ProtoReader value) => value.Field switch
    {
        (int)FeastType.Json + 1 => List(FeastType.Json, value.Bytes()),
        (int)FeastType.Uuid + 2 => List(FeastType.Uuid, value.Bytes()),
        (int)FeastType.Decimal + 1 => List(FeastType.Decimal, value.Bytes()),
        > ListOffset and <= ListOffset + (int)FeastType.UnixTimestamp => List((FeastType)(value.Field - ListOffset), value.Bytes()),
        _ => Read((FeastType)value.Field, ref value),
    };

    private static JsonNode? Read(FeastType type, ref ProtoReader value) => type switch
    {
        FeastType.Bytes => JsonValue.Create(Convert.ToBase64String(value.Bytes())),
        FeastType.String or FeastType.Json or FeastType.Uuid or FeastType.Decimal => JsonValue.Create(value.Text()),
        FeastType.Int32 or FeastType.Int64 or FeastType.UnixTimestamp => JsonValue.Create((long)value.Whole()),
        FeastType.Bool => JsonValue.Create(value.Whole() != 0),
        FeastType.Double => Number(BitConverter.Int64BitsToDouble(value.Fixed())),
        FeastType.Float => Number(BitConverter.Int32BitsToSingle(value.Fixed4())),
        _ => throw new ProblemException(Problem.Field(
            "request.invalid", "typed_features", $"Features have no values of Feast's type {(int)type}: no maps, structs and sets.")),
    };

    private static JsonArray List(FeastType type, ReadOnlySpan<byte> message)
    {
        var list = new JsonArray();
        var values = new ProtoReader(message);
        while (values.Next())
        {
            if (!values.IsDelimited || type is FeastType.Bytes or FeastType.String or FeastType.Json or FeastType.Uuid or FeastType.Decimal)
            {
                list.Add(Read(type, ref values));
                continue;
            }

            for (var packed = new ProtoReader(values.Bytes()); !packed.IsAtEnd;)
                list.Add(Read(type, ref packed));
        }

        return list;
    }

    private static JsonValue Number(double number) => double.IsFinite(number) ? JsonValue.Create(number)
        : JsonValue.Create(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
}
