using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Catalog.Training;

/// <summary>
/// What an order is made of, and nothing else: which files, which of their rows, the seed, and how the rows are laid out. Two reads with
/// the same key have the same rows in the same order in each epoch, whatever columns they read and however many read them.
/// </summary>
public sealed class OrderKey
{
    private readonly byte[] _hash;

    /// <param name="content">Hash of the version's manifest.</param>
    /// <param name="filter">In one spelling; empty for all rows.</param>
    /// <param name="seed">Null for the version's own order.</param>
    /// <param name="shape">Lanes and windows.</param>
    /// <param name="binding">What its name depends on beside, and the order does not: how rows are shown. Empty for nothing.</param>
    public OrderKey(string content, string filter, long? seed, OrderShape shape, string binding = "")
    {
        (IsShuffled, Shape) = (seed is not null, shape);
        _hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
            '\n',
            "catalog training order 1",
            content,
            seed?.ToString(CultureInfo.InvariantCulture) ?? "none",
            shape.Lanes.ToString(CultureInfo.InvariantCulture),
            shape.WindowRows.ToString(CultureInfo.InvariantCulture),
            filter)));
        Name = Convert.ToHexStringLower(
            (binding.Length == 0 ? _hash : SHA256.HashData([.. _hash, .. Encoding.UTF8.GetBytes(binding)])).AsSpan(0, 16));
    }

    public bool IsShuffled { get; }

    public OrderShape Shape { get; }

    /// <summary>32 hexadecimal digits: what a token says which order it belongs to.</summary>
    public string Name { get; }

    /// <summary>Random numbers for one purpose within an epoch; no two share any state.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="lane">-1 for the order of row groups.</param>
    /// <param name="window">From 0 within the lane.</param>
    internal SplitMix Numbers(int epoch, int lane, int window)
    {
        Span<byte> text = stackalloc byte[SHA256.HashSizeInBytes + (3 * sizeof(int))];
        _hash.CopyTo(text);
        BinaryPrimitives.WriteInt32LittleEndian(text[SHA256.HashSizeInBytes..], epoch);
        BinaryPrimitives.WriteInt32LittleEndian(text[(SHA256.HashSizeInBytes + sizeof(int))..], lane);
        BinaryPrimitives.WriteInt32LittleEndian(text[(SHA256.HashSizeInBytes + (2 * sizeof(int)))..], window);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return new SplitMix(BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }
}
