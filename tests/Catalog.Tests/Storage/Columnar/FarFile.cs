using Catalog.Storage.Objects;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>A file in a store that stops to answer after some reads, whichever of its streams they are of.</summary>
internal sealed class FarFile(byte[] file, FarFile.Reads reads) : MemoryStream(file, writable: false)
{
    public override int Read(Span<byte> buffer)
    {
        reads.Count();
        return base.Read(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        reads.Count();
        return base.Read(buffer, offset, count);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        reads.Count();
        return base.ReadAsync(buffer, cancellationToken);
    }

    /// <param name="sound">How many are answered.</param>
    public sealed class Reads(int sound)
    {
        private int _done;

        public void Count()
        {
            if (++_done > sound)
                throw new ObjectStoreException(ObjectStoreError.Unavailable, "The store does not answer.");
        }
    }
}
