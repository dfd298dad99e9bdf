namespace Catalog.Storage.Columnar;

/// <summary>
/// Takes out of a footer what an engine must not believe: key-value metadata (with <c>ARROW:schema</c>, which would make the types of
/// batches depend on the program that wrote a file, and columns dictionaries), and what is said of encryption.
/// </summary>
internal static class FooterTrim
{
    private const short KeyValueMetadata = 5;
    private const short EncryptionAlgorithm = 8;
    private const short SigningKey = 9;

    public static byte[] Trim(ReadOnlySpan<byte> footer)
    {
        var reader = new CompactReader(footer);
        using var trimmed = new MemoryStream(footer.Length);
        short last = 0;
        for (var field = default(CompactField); reader.Next(ref field);)
        {
            var start = reader.Position;
            reader.Skip(field);
            if (field.Id is KeyValueMetadata or EncryptionAlgorithm or SigningKey)
                continue;

            WriteHeader(trimmed, field, field.Id - last);
            trimmed.Write(footer[start..reader.Position]);
            last = field.Id;
        }

        trimmed.WriteByte((byte)CompactType.Stop);
        return trimmed.ToArray();
    }

    private static void WriteHeader(MemoryStream target, CompactField field, int delta)
    {
        if (delta is > 0 and < 16)
        {
            target.WriteByte((byte)((delta << 4) | (int)field.Type));
            return;
        }

        target.WriteByte((byte)field.Type);
        var zigZag = (uint)((field.Id << 1) ^ (field.Id >> 15));
        for (; zigZag >= 0x80; zigZag >>= 7)
            target.WriteByte((byte)(zigZag | 0x80));
        target.WriteByte((byte)zigZag);
    }
}
