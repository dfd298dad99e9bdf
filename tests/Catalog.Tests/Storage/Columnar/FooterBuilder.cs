using System.Text;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Writes footers by hand in Thrift's compact protocol, sound ones and others.</summary>
internal sealed class FooterBuilder
{
    private readonly List<byte> _bytes = [];
    private readonly Stack<int> _outer = [];
    private int _last;

    public static byte[] File(byte[] footer, int data = 0) =>
        [.. "PAR1"u8, .. new byte[data], .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8];

    /// <summary>A sound file with the elements of a schema (root excluded) and no rows.</summary>
    public static byte[] FileOf(params Action<FooterBuilder>[] elements) => FileOf(topLevel: elements.Length, elements);

    public static byte[] FileOf(int topLevel, params Action<FooterBuilder>[] elements)
    {
        var footer = new FooterBuilder().Int32(1, 2).List(2, elements.Length + 1);
        footer.Element("schema", children: topLevel);
        foreach (var element in elements)
            element(footer);
        return File(footer.Int64(3, 0).List(4, 0).Stop());
    }

    public FooterBuilder Element(
        string name, int? type = null, int? length = null, int? repetition = null, int? children = null, int? converted = null,
        int? scale = null, int? precision = null, Action<FooterBuilder>? logical = null)
    {
        Begin();
        Optional(1, type).Optional(2, length).Optional(3, repetition).Binary(4, Encoding.UTF8.GetBytes(name)).Optional(5, children);
        Optional(6, converted).Optional(7, scale).Optional(8, precision);
        if (logical is not null)
            Struct(10, logical);
        return End();
    }

    public FooterBuilder Optional(int id, int? value) => value is { } number ? Int32(id, number) : this;

    public FooterBuilder Int32(int id, int value) => Field(id, 5).Varint(ZigZag(value));

    public FooterBuilder Int64(int id, long value) => Field(id, 6).Varint(ZigZag(value));

    public FooterBuilder Int8(int id, sbyte value) => Field(id, 3).Raw((byte)value);

    public FooterBuilder Bool(int id, bool value) => Field(id, value ? 1 : 2);

    public FooterBuilder Binary(int id, byte[] value) => Field(id, 8).Varint((ulong)value.Length).Raw(value);

    /// <summary>The header of a list of structs; write as many with <see cref="Begin"/> and <see cref="End"/>.</summary>
    public FooterBuilder List(int id, long count, int element = 12)
    {
        Field(id, 9);
        return count < 15 ? Raw((byte)((count << 4) | (long)element)) : Raw((byte)(0xf0 | element)).Varint((ulong)count);
    }

    public FooterBuilder Struct(int id, Action<FooterBuilder> fields)
    {
        Field(id, 12).Begin();
        fields(this);
        return End();
    }

    public FooterBuilder Begin()
    {
        _outer.Push(_last);
        _last = 0;
        return this;
    }

    public FooterBuilder End()
    {
        _last = _outer.Pop();
        return Raw(0);
    }

    public byte[] Stop() => [.. _bytes, 0];

    public byte[] Unfinished() => [.. _bytes];

    public FooterBuilder Field(int id, int type)
    {
        var delta = id - _last;
        _last = id;
        return delta is > 0 and < 16 ? Raw((byte)((delta << 4) | type)) : Raw((byte)type).Varint(ZigZag(id));
    }

    public FooterBuilder Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
        return this;
    }

    public FooterBuilder Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));
}
