using System.Security.Cryptography;
using System.Text;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>Ids of tables: UUIDs made of the dataset's node, whose name is never reused (RFC 9562, version 8).</summary>
internal static class TableIds
{
    private const int Bytes = 16;

    /// <param name="dataset">Or a version of it.</param>
    public static Guid Of(NodeId dataset)
    {
        var id = SHA256.HashData(Encoding.UTF8.GetBytes(dataset.StreamId)).AsSpan(0, Bytes);
        id[6] = (byte)((id[6] & 0x0f) | 0x80);
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
