using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Catalog.Server.Doors.Marquez;

/// <summary>How Marquez names things: <c>job:ns:name</c>, <c>datasetField:ns:name:field</c>, and UUIDs for versions.</summary>
internal static class MarquezIds
{
    private const string Dataset = "dataset";
    private const string Field = "datasetField";
    private const string Job = "job";

    /// <summary>Of names made here: a random UUID, fixed for good.</summary>
    private static readonly Guid s_space = new("7c0a9b6e-52f5-4b0f-9f6d-0f7a4c3d1b52");

    /// <summary>The UUID that stands for a node: the same one always (RFC 9562 section 5.5).</summary>
    public static Guid Uuid(NodeId node)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData([.. s_space.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(node.ToString())], hash);
        var version = (ushort)((BinaryPrimitives.ReadUInt16BigEndian(hash[6..]) & 0x0FFF) | 0x5000);
        BinaryPrimitives.WriteUInt16BigEndian(hash[6..], version);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    public static string Write(NodeId node) => node switch
    {
        { Column: { } column } => $"{Field}:{node.Namespace}:{node.Name}:{column}",
        { Kind: NodeKind.Job } => $"{Job}:{node.Namespace}:{node.Name}",
        _ => $"{Dataset}:{node.Namespace}:{node.Name}",
    };

    public static VersionRef Version(NodeId version) => new(version.Namespace, version.Name, Uuid(version));

    /// <summary>
    /// What an id can mean. Names hold colons and hashes themselves, and nothing in the id says where they end: it is for the caller to see
    /// which of the nodes there is.
    /// </summary>
    /// <returns>Nodes with the UUID of the version asked for; none where the text is no such id.</returns>
    public static IReadOnlyList<(NodeId Node, Guid? Version)> Read(string text)
    {
        var split = text.IndexOf(':', StringComparison.Ordinal);
        if (split < 0 || text[..split] is not (Dataset or Field or Job) and var kind)
            return [];
        var (rest, version) = (text[(split + 1)..], default(Guid?));
        if (rest.LastIndexOf('#') is > 0 and var hash && Guid.TryParse(rest[(hash + 1)..], out var uuid))
            (rest, version) = (rest[..hash], uuid);
        return
        [
            .. (text[..split] == Field ? InThree(rest) : InTwo(rest).Select(p => (p.First, p.Second, default(string))))
                .Select(p => Node(text[..split] == Job ? NodeKind.Job : NodeKind.Dataset, p))
                .OfType<NodeId>()
                .Select(node => (node, version)),
        ];
    }

    private static NodeId? Node(NodeKind kind, (string Namespace, string Name, string? Column) parts) =>
        NodeId.TryCreate(kind, parts.Namespace, parts.Name, version: null, parts.Column, out var node, out _) ? node : null;

    private static IEnumerable<(string, string, string?)> InThree(string text) =>
        InTwo(text).SelectMany(p => InTwo(p.Second).Select(q => (p.First, q.First, (string?)q.Second)));

    private static IEnumerable<(string First, string Second)> InTwo(string text) =>
        from place in Enumerable.Range(1, Math.Max(0, text.Length - 2))
        where text[place] == ':'
        select (text[..place], text[(place + 1)..]);
}
