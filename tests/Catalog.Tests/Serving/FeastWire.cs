using System.Globalization;
using System.Numerics;
using System.Text;
using Catalog.Hot;
using Catalog.Wire.Feast;

namespace Catalog.Tests.Serving;

/// <summary>Feast's values as packed rows have them.</summary>
internal static class FeastWire
{
    /// <summary>The type and the bytes; null for no value.</summary>
    public static (HotType? Type, byte[] Bytes) Packed(Value value) => value.ValCase switch
    {
        Value.ValOneofCase.BytesVal => (HotType.Of("binary"), value.BytesVal.ToByteArray()),
        Value.ValOneofCase.StringVal => (HotType.Of("string"), Encoding.UTF8.GetBytes(value.StringVal)),
        Value.ValOneofCase.JsonVal => (HotType.Of("json"), Encoding.UTF8.GetBytes(value.JsonVal)),
        Value.ValOneofCase.Int32Val => (HotType.Of("int32"), BitConverter.GetBytes(value.Int32Val)),
        Value.ValOneofCase.Int64Val => (HotType.Of("int64"), BitConverter.GetBytes(value.Int64Val)),
        Value.ValOneofCase.DoubleVal => (HotType.Of("float64"), BitConverter.GetBytes(value.DoubleVal)),
        Value.ValOneofCase.FloatVal => (HotType.Of("float32"), BitConverter.GetBytes(value.FloatVal)),
        Value.ValOneofCase.BoolVal => (HotType.Of("bool"), [value.BoolVal ? (byte)1 : (byte)0]),
        Value.ValOneofCase.UnixTimestampVal => (HotType.Of("timestamp(s,UTC)"), BitConverter.GetBytes(value.UnixTimestampVal)),
        Value.ValOneofCase.UuidVal => (HotType.Of("uuid"), Guid.Parse(value.UuidVal).ToByteArray(bigEndian: true)),
        Value.ValOneofCase.DecimalVal => Decimal(value.DecimalVal),
        Value.ValOneofCase.None or Value.ValOneofCase.NullVal => (null, []),
        _ => throw new NotSupportedException($"{value.ValCase}"),
    };

    private static (HotType Type, byte[] Bytes) Decimal(string text)
    {
        var scale = text.Length - text.IndexOf('.', StringComparison.Ordinal) - 1;
        var digits = BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture).ToByteArray();
        var packed = new byte[16];
        digits.CopyTo(packed, 0);
        return (HotType.Of($"decimal(38,{scale})"), packed);
    }
}
