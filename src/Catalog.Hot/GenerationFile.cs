using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Features;

namespace Catalog.Hot;

/// <summary>
/// What a generation was made of; it stands in the file itself, so that a file alone can be read and told.
/// </summary>
/// <param name="View">The view, with its version's number.</param>
/// <param name="Definition">Of that version, as it was when this was made.</param>
/// <param name="Origins">Where rows come from; a row names one by its place here.</param>
/// <param name="AsOf">In microseconds since 1970: nothing later is in it, and windows end there.</param>
/// <param name="Engine">The rules that it was made by.</param>
public sealed record GenerationHeader(
    NodeId View, FeatureDefinition Definition, IReadOnlyList<GenerationOrigin> Origins, long AsOf, string Engine)
{
    /// <summary>Rows of its sources that are not in it, because they are of later.</summary>
    public long LaterRows { get; init; }

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <exception cref="GenerationException">It is none.</exception>
    internal static GenerationHeader OfJson(ReadOnlySpan<byte> json)
    {
        try
        {
            var header = JsonSerializer.Deserialize<GenerationHeader>(json, s_json) ?? throw new JsonException("it is null");
            RowLayout.Of(header.Definition); // which refuses types that there are not
            return header;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or FormatException or OverflowException)
        {
            throw new GenerationException($"what it says of itself cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>Where rows of a generation come from.</summary>
/// <param name="Version">A version of a dataset, by number.</param>
/// <param name="Position">Of that version in the log.</param>
public sealed record GenerationOrigin(NodeId Version, long Position);

/// <summary>
/// The first bytes of a generation's file. Behind them lie rows, in the order of their keys' hashes; where rows are not of one length, the
/// offset of each; an index; and what the file says of itself. All numbers are little-endian.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct GenerationPreamble
{
    public const int Bytes = 4096;
    public const ulong Signature = 0x31_4E45_4754_4143; // CATGEN1

    public ulong Magic;

    public long Rows;

    /// <summary>How many parts the range of hashes is divided into. The index has one entry more.</summary>
    public long Buckets;

    /// <summary>Bytes of a row; 0 where they differ.</summary>
    public long Stride;

    /// <summary>Where offsets of rows begin, from the first row, one more than rows; 0 where rows are of one length.</summary>
    public long OffsetsAt;

    /// <summary>Where the index begins: for each part, in 32 bits, the number of its first row.</summary>
    public long IndexAt;

    /// <summary>Where the header begins.</summary>
    public long HeaderAt;

    public long HeaderBytes;

    /// <summary>Of the whole file.</summary>
    public long Length;

    /// <param name="length">That the file has, in bytes.</param>
    /// <param name="file">What to call it.</param>
    /// <exception cref="GenerationException">It is no generation, or not the whole of one.</exception>
    public readonly void DemandSound(long length, string file)
    {
        var sound = Magic == Signature && Length == length && Rows is >= 0 and <= uint.MaxValue - 1
            && Buckets >= 1 && IndexAt >= Bytes && HeaderAt >= IndexAt + ((Buckets + 1) * sizeof(uint))
            && HeaderBytes is > 0 and <= int.MaxValue && HeaderAt + HeaderBytes <= length
            && (Stride > 0
                ? IndexAt >= Bytes + (Rows * Stride)
                : OffsetsAt >= Bytes && IndexAt >= OffsetsAt + ((Rows + 1) * sizeof(long)));
        if (!sound)
            throw new GenerationException($"{file} is no generation that this release can read, or not the whole of one.");
    }

    /// <exception cref="GenerationException">Its rows are not those of the layout.</exception>
    public readonly void DemandLayout(RowLayout layout, string file)
    {
        if (Stride != 0 && (!layout.IsFixed || Stride != layout.FixedBytes))
            throw new GenerationException($"{file} has rows of {Stride} bytes, and its definition says {layout.FixedBytes}.");
    }
}

/// <summary>A file is no sound generation.</summary>
public sealed class GenerationException(string message, Exception? inner = null) : Exception(message, inner);
