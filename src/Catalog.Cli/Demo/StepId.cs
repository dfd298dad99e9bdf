using System.Security.Cryptography;
using System.Text;

namespace Catalog.Cli.Demo;

/// <summary>Ids of the demo's runs, made from what they do, so that it finds them again.</summary>
internal static class StepId
{
    /// <summary>A UUID of version 8 (RFC 9562, section 5.8): the first bits of the SHA-256 of the step and the attempt.</summary>
    public static Guid Of(string step, int attempt)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"catalog demo/{step}/{attempt}")).AsSpan(..16);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
