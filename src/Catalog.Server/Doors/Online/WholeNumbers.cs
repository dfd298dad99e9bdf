using Catalog.Hot;

namespace Catalog.Server.Doors.Online;

/// <summary>What whole numbers of a type there are.</summary>
internal static class WholeNumbers
{
    public static bool Fits(HotKind kind, long number) => kind switch
    {
        HotKind.Int8 => number is >= sbyte.MinValue and <= sbyte.MaxValue,
        HotKind.Int16 => number is >= short.MinValue and <= short.MaxValue,
        HotKind.Int32 => number is >= int.MinValue and <= int.MaxValue,
        HotKind.UInt8 => number is >= 0 and <= byte.MaxValue,
        HotKind.UInt16 => number is >= 0 and <= ushort.MaxValue,
        HotKind.UInt32 => number is >= 0 and <= uint.MaxValue,
        HotKind.UInt64 => number >= 0,
        HotKind.Bool => number is 0 or 1,
        _ => true,
    };
}
