using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Catalog.Lineage.Snapshots;

/// <summary>Writes the parts of a snapshot: numbers as they lie in memory, which is little-endian wherever the catalog runs.</summary>
internal sealed class SnapshotWriter(Stream output) : IDisposable
{
    private readonly BinaryWriter _output = new(output, Encoding.UTF8, leaveOpen: true);

    public void Number(long value) => _output.Write(value);

    public void Count(int value) => _output.Write7BitEncodedInt(value);

    public void Flag(bool value) => _output.Write(value);

    /// <summary>A time or another number that may be missing.</summary>
    public void Optional(long? value)
    {
        _output.Write(value is not null);
        if (value is { } number)
            _output.Write(number);
    }

    public void Text(string? value)
    {
        _output.Write(value is not null);
        if (value is not null)
            _output.Write(value);
    }

    /// <summary>How many there are, and each as it lies in memory.</summary>
    public void Items<T>(ReadOnlySpan<T> items)
        where T : unmanaged
    {
        Count(items.Length);
        for (var rest = items; rest.Length > 0;)
        {
            var some = rest[..Math.Min(rest.Length, (1 << 20) / Unsafe.SizeOf<T>())];
            _output.Write(MemoryMarshal.AsBytes(some));
            rest = rest[some.Length..];
        }
    }

    public void Flush() => _output.Flush();

    public void Dispose() => _output.Dispose();
}

/// <summary>Reads what a <see cref="SnapshotWriter"/> wrote, in the same order.</summary>
internal sealed class SnapshotReader(Stream input) : IDisposable
{
    private readonly BinaryReader _input = new(input, Encoding.UTF8, leaveOpen: true);

    public long Number() => _input.ReadInt64();

    /// <exception cref="InvalidDataException">It is negative.</exception>
    public int Count() =>
        _input.Read7BitEncodedInt() is >= 0 and var count ? count : throw new InvalidDataException("A count is negative.");

    public bool Flag() => _input.ReadBoolean();

    public long? Optional() => _input.ReadBoolean() ? _input.ReadInt64() : null;

    public string? Text() => _input.ReadBoolean() ? _input.ReadString() : null;

    public T[] Items<T>()
        where T : unmanaged
    {
        var items = new T[Count()];
        _input.BaseStream.ReadExactly(MemoryMarshal.AsBytes(items.AsSpan()));
        return items;
    }

    public void Dispose() => _input.Dispose();
}
