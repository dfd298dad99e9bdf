using System.Buffers;
using System.Text.Json;
using Catalog.Schemas;

namespace Catalog.Integrity;

/// <summary>Files and schemas as canonical JSON, written and read directly because a version may have 100,000 of them.</summary>
internal static class ManifestText
{
    /// <summary>One line of a content document or, with the URI, of a manifest chunk. The members are written in canonical order.</summary>
    public static void File(IBufferWriter<byte> output, FileEntry file, bool withUri)
    {
        output.Raw("{\"bytes\":"u8);
        output.Int64(file.Bytes);
        output.Raw(",\"path\":"u8);
        output.String(file.Path);
        output.Raw(",\"rows\":"u8);
        output.Int64(file.Rows);
        output.Raw(",\"sha256\":"u8);
        output.String(file.Sha256);
        if (withUri)
        {
            output.Raw(",\"uri\":"u8);
            output.String(file.Uri);
        }

        output.Raw("}\n"u8);
    }

    /// <summary>Reads a line that <see cref="File"/> wrote with the URI; members may come in any order.</summary>
    /// <exception cref="InvalidDataException">The line is not one.</exception>
    public static FileEntry ReadFile(ReadOnlySpan<byte> line)
    {
        string? path = null, uri = null, sha256 = null;
        long? bytes = null, rows = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "bytes":
                        bytes = Int64(ref reader);
                        break;
                    case "path":
                        path = reader.GetString();
                        break;
                    case "rows":
                        rows = Int64(ref reader);
                        break;
                    case "sha256":
                        sha256 = reader.GetString();
                        break;
                    case "uri":
                        uri = reader.GetString();
                        break;
                    default:
                        throw new InvalidDataException($"A line of a manifest chunk has the unknown member '{name}'.");
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException("A line of a manifest chunk is malformed.", e);
        }

        return path is not null && uri is not null && sha256 is not null && bytes is { } size
            ? new FileEntry(path, uri, size, rows, sha256)
            : throw new InvalidDataException("A line of a manifest chunk must have bytes, path, rows, sha256 and uri.");
    }

    public static void Schema(IBufferWriter<byte> output, TableSchema? schema)
    {
        if (schema is null)
        {
            output.Raw("null"u8);
            return;
        }

        output.Raw("{\"columns\":"u8);
        Columns(output, schema.Columns);
        output.Raw("}"u8);
    }

    private static void Columns(IBufferWriter<byte> output, IReadOnlyList<Column> columns)
    {
        output.Raw("["u8);
        for (var i = 0; i < columns.Count; i++)
        {
            output.Raw(i == 0 ? "{"u8 : ",{"u8);
            if (columns[i].Children is { Count: > 0 } children)
            {
                output.Raw("\"children\":"u8);
                Columns(output, children);
                output.Raw(","u8);
            }

            output.Raw("\"name\":"u8);
            output.String(columns[i].Name);
            output.Raw(columns[i].Nullable ? ",\"nullable\":true,\"type\":"u8 : ",\"nullable\":false,\"type\":"u8);
            output.String(columns[i].Type);
            output.Raw("}"u8);
        }

        output.Raw("]"u8);
    }

    private static long? Int64(ref Utf8JsonReader reader) => reader.TokenType is JsonTokenType.Null
        ? null
        : long.Parse(
            reader.GetString() ?? "",
            System.Globalization.NumberStyles.AllowLeadingSign,
            System.Globalization.CultureInfo.InvariantCulture);
}
