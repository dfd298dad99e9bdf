using System.Buffers;
using Catalog.Schemas;

namespace Catalog.Integrity;

/// <summary>A manifest chunk as its root names it.</summary>
public sealed record ChunkRef(string Hash, int Files, long Bytes, long? Rows, string FirstPath);

/// <summary>
/// Everything a version's manifest says, the files by reference: schema, chunks in order, statistics by column path, the parent's number,
/// the id of the run that made it, the files' format, the message given with it and, of a version that was derived, the recipe it was
/// derived by.
/// </summary>
public sealed record ManifestRoot(
    TableSchema? Schema,
    IReadOnlyList<ChunkRef> Chunks,
    IReadOnlyDictionary<string, ColumnStatistics> Statistics,
    long? Parent,
    string? Run,
    string? Format,
    string? Message,
    string? Recipe = null);

/// <summary>
/// The hash over a whole manifest: the SHA-256 of one canonical JSON object with the members <c>chunks</c> (objects of <c>bytes</c>,
/// <c>files</c>, <c>firstPath</c>, <c>hash</c>, <c>rows</c>), <c>filesFormat</c>, <c>format</c> (<c>"catalog-manifest/1"</c>),
/// <c>message</c>, <c>parent</c>, <c>recipe</c> (a text, and only where there is one), <c>run</c>, <c>schema</c> (as in
/// <see cref="ContentHash"/>) and <c>statistics</c> (by column path, objects of <c>max</c>, <c>min</c>, <c>nulls</c>). Absent
/// values are null; all whole numbers are strings except <c>files</c>.
/// </summary>
public static class ManifestHash
{
    /// <summary>The hash, in lower-case hexadecimal.</summary>
    /// <exception cref="ArgumentException">A text holds half of a surrogate pair.</exception>
    public static string Compute(ManifestRoot root) => Sha256.Hash(Document(root));

    internal static ReadOnlySpan<byte> Document(ManifestRoot root)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        output.Raw("{\"chunks\":"u8);
        CanonicalJson.Write(output, root.Chunks.Select(Members));
        output.Raw(",\"filesFormat\":"u8);
        output.String(root.Format);
        output.Raw(",\"format\":\"catalog-manifest/1\",\"message\":"u8);
        output.String(root.Message);
        output.Raw(",\"parent\":"u8);
        output.Int64(root.Parent);
        if (root.Recipe is { } recipe)
        {
            output.Raw(",\"recipe\":"u8);
            output.String(recipe);
        }

        output.Raw(",\"run\":"u8);
        output.String(root.Run);
        output.Raw(",\"schema\":"u8);
        ManifestText.Schema(output, root.Schema);
        output.Raw(",\"statistics\":"u8);
        CanonicalJson.Write(output, root.Statistics.ToDictionary(s => s.Key, s => Members(s.Value)));
        output.Raw("}"u8);
        return output.WrittenSpan;
    }

    private static Dictionary<string, object?> Members(ChunkRef chunk) => new()
    {
        ["hash"] = chunk.Hash,
        ["files"] = chunk.Files,
        ["bytes"] = chunk.Bytes,
        ["rows"] = chunk.Rows,
        ["firstPath"] = chunk.FirstPath,
    };

    private static Dictionary<string, object?> Members(ColumnStatistics statistics) => new()
    {
        ["min"] = statistics.Min,
        ["max"] = statistics.Max,
        ["nulls"] = statistics.Nulls,
    };
}
