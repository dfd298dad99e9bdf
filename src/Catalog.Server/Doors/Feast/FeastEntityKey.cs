using System.Buffers.Binary;
using System.Text;
using Catalog.Hot;
using Catalog.Server.Doors.Online;
using Catalog.Storage.Hot;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// An entity key as Feast serializes it for its online stores (version 3): the number of join keys; each of them, in order, as a text; then
/// the values in the same order. Everything stands behind its type and its length, in 32 bits each. A key in Redis is this, and the
/// project behind it.
/// </summary>
internal static class FeastEntityKey
{
    /// <summary>Writes the key of one row.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="parts">Join keys, their types, and their values as packed rows have them; in any order.</param>
    /// <exception cref="NotSupportedException">Feast has no keys of a type.</exception>
    public static void Write(AnswerBuffer to, IReadOnlyList<(string JoinKey, HotType Type, byte[] Value)> parts)
    {
        List<(string JoinKey, HotType Type, byte[] Value)> sorted =
            [.. parts.OrderBy(part => part.JoinKey, Comparer<string>.Create(CompareCodePoints))];
        Number(to, sorted.Count);
        foreach (var part in sorted)
            Block(to, FeastType.String, Encoding.UTF8.GetBytes(part.JoinKey));
        foreach (var part in sorted)
            Value(to, part.Type, part.Value);
    }

    private static void Value(AnswerBuffer to, HotType type, ReadOnlySpan<byte> value)
    {
        var feast = FeastTypes.Of(type);
        switch (feast)
        {
            case FeastType.String or FeastType.Bytes when type.Kind is HotKind.Text or HotKind.Binary or HotKind.Bytes:
                Block(to, feast, value);
                break;
            case FeastType.Int32:
                Number(to, (int)feast);
                Number(to, sizeof(int));
                Number(to, (int)ValueTexts.Whole(type, value));
                break;
            case FeastType.Int64 or FeastType.UnixTimestamp:
                Number(to, (int)feast);
                Number(to, sizeof(long));
                BinaryPrimitives.WriteInt64LittleEndian(
                    to.Room(sizeof(long)), feast == FeastType.Int64 ? ValueTexts.Whole(type, value) : ValueTexts.Seconds(type, value));
                to.Advance(sizeof(long));
                break;
            default:
                throw new NotSupportedException($"Feast has no keys of {type.Name}.");
        }
    }

    private static void Block(AnswerBuffer to, FeastType type, ReadOnlySpan<byte> bytes)
    {
        Number(to, (int)type);
        Number(to, bytes.Length);
        to.Write(bytes);
    }

    private static void Number(AnswerBuffer to, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to.Room(sizeof(int)), number);
        to.Advance(sizeof(int));
    }

    /// <summary>Python compares texts by their code points, which is the order of their UTF-8.</summary>
    private static int CompareCodePoints(string? a, string? b) =>
        Encoding.UTF8.GetBytes(a ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b ?? ""));
}
