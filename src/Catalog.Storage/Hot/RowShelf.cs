using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>Rows that came from elsewhere, kept for the length of one lookup.</summary>
public sealed class RowShelf : IDisposable
{
    private const int FewBytes = 1 << 20;
    private RowArena? _arena;

    /// <summary>A copy of a row's bytes, as an address that is good until <see cref="Clear"/>.</summary>
    /// <exception cref="GenerationException">They are no row.</exception>
    public nint Keep(ReadOnlySpan<byte> row)
    {
        if (row.Length < RowLayout.HeaderBytes || BitConverter.ToInt32(row[HotRow.LengthOffset..]) != row.Length)
            throw new GenerationException("what was stored of a row is not the whole of one");
        return (_arena ??= new()).Keep(row);
    }

    /// <summary>A copy of a row that others kept: whatever it says of itself, reading it stays within it.</summary>
    /// <param name="row">All its bytes.</param>
    /// <param name="layout">That it should have.</param>
    /// <returns>Its address, good until <see cref="Clear"/>.</returns>
    /// <exception cref="GenerationException">It is no row of that layout.</exception>
    public nint Keep(ReadOnlySpan<byte> row, RowLayout layout)
    {
        if (!layout.Holds(row))
            throw new GenerationException("what was stored of a row is not laid out as rows of its view are");
        return Keep(row);
    }

    /// <summary>A place for a row that is written there, good until <see cref="Clear"/>.</summary>
    internal nint Take(int bytes) => (_arena ??= new()).Take(bytes);

    public void Clear()
    {
        if (_arena is null)
            return;
        if (_arena.Bytes <= FewBytes && _arena.TryRewind())
            return;
        _arena.Dispose();
        _arena = null;
    }

    public void Dispose() => _arena?.Dispose();
}
