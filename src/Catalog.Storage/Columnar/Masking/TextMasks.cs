using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>
/// The last four characters (Unicode code points) of a text, behind a star for each that stands before them; of a text of four or fewer
/// only the stars.
/// </summary>
internal sealed class LastFourMask : ArrayMask
{
    private const int Shown = 4;
    private const byte Star = (byte)'*';

    public override bool MakesNulls => false;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var ends = Ends(rows);
        var text = rows.Data.Buffers[2].Span[ends[0]..ends[^1]];
        var into = GC.AllocateUninitializedArray<byte>(text.Length);
        var room = Room<int>(ends.Length);
        var intoEnds = MemoryMarshal.Cast<byte, int>(room.AsSpan());
        for (var i = 0; i < ends.Length; i++)
            intoEnds[i] = ends[i] - ends[0];
        var bytes = Ascii.IsValid(text) ? OfAscii(text, intoEnds, into) : OfUtf8(text, intoEnds, into);
        return new(
            StringType.Default, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(room), new(into.AsMemory(0, bytes))]);
    }

    /// <summary>A byte is a character: texts keep their length and their place.</summary>
    private static int OfAscii(ReadOnlySpan<byte> text, ReadOnlySpan<int> ends, Span<byte> into)
    {
        into.Fill(Star);
        for (var i = 1; i < ends.Length; i++)
        {
            if (ends[i] - ends[i - 1] > Shown)
                text.Slice(ends[i] - Shown, Shown).CopyTo(into[(ends[i] - Shown)..]);
        }

        return into.Length;
    }

    /// <summary>Characters become no longer, so that what is written stays behind what is read.</summary>
    private static int OfUtf8(ReadOnlySpan<byte> text, Span<int> ends, Span<byte> into)
    {
        var (at, start) = (0, 0);
        for (var i = 1; i < ends.Length; i++)
        {
            var value = text[start..ends[i]];
            var shown = Tail(value, out var stars);
            into.Slice(at, stars).Fill(Star);
            shown.CopyTo(into[(at + stars)..]);
            start = ends[i];
            ends[i] = at += stars + shown.Length;
        }

        return at;
    }

    private static ReadOnlySpan<byte> Tail(ReadOnlySpan<byte> value, out int stars)
    {
        var characters = 0;
        foreach (var b in value)
            characters += IsFirst(b) ? 1 : 0;
        if (characters <= Shown)
        {
            stars = characters;
            return [];
        }

        stars = characters - Shown;
        var from = value.Length;
        for (var seen = 0; seen < Shown; seen += IsFirst(value[from]) ? 1 : 0)
            from--;
        return value[from..];
    }

    /// <summary>Whether a byte of UTF-8 begins a character.</summary>
    private static bool IsFirst(byte b) => (b & 0xC0) != 0x80;
}

/// <summary>One word in place of every text.</summary>
internal sealed class RedactMask : ArrayMask
{
    private static readonly ulong s_word = BinaryPrimitives.ReadUInt64LittleEndian("REDACTED"u8);

    public override bool MakesNulls => false;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);
        var text = Room<ulong>(rows.Rows);
        for (var i = 0; i < text.Length; i += sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(text.AsSpan(i), s_word);
        var room = Room<int>(rows.Rows + 1);
        var ends = MemoryMarshal.Cast<byte, int>(room.AsSpan());
        for (var i = 0; i < ends.Length; i++)
            ends[i] = i * sizeof(ulong);
        return new(StringType.Default, rows.Rows, validity.Nulls, 0, [validity.Buffer, new(room), new(text)]);
    }
}
