using System.Runtime.InteropServices;
using Catalog.Storage.Files;

namespace Catalog.Storage.Hot;

/// <summary>Numbers that are written one by one and read back in that order, from a file that goes away by itself.</summary>
internal sealed class SideFile(string folder) : IDisposable
{
    private const int BufferBytes = 1 << 16;

    private readonly BufferedStream _file = new(NamelessFile.Open(folder, "numbers"), BufferBytes);

    public void Add(long number) => _file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in number)));

    /// <summary>All of them, from the first.</summary>
    public IEnumerable<long> Read()
    {
        _file.Position = 0;
        var buffer = new byte[BufferBytes];
        while (_file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is var read and > 0)
        {
            for (var i = 0; i < read; i += sizeof(long))
                yield return BitConverter.ToInt64(buffer, i);
        }
    }

    public void Dispose() => _file.Dispose();
}
