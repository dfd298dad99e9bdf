using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Catalog;

/// <summary>The grammar of node ids: <c>kind ":" [namespace "/"] name ["@" version] ["#" column]</c>, each part percent-encoded.</summary>
internal static class NodeIdText
{
    /// <summary>Four parts of the longest name, every character written as three escapes.</summary>
    public const int MaxLength = 4 * 9 * Names.MaxLength + 32;

    public static bool TryParse([NotNullWhen(true)] string? text, out NodeId node, [NotNullWhen(false)] out string? error)
    {
        node = default;
        if (string.IsNullOrEmpty(text))
        {
            error = "A node id must not be empty: write one like dataset:demo/flights@3.";
            return false;
        }

        if (text.Length > MaxLength)
        {
            error = $"A node id has at most {MaxLength} characters, not {text.Length}.";
            return false;
        }

        var colon = text.IndexOf(':');
        if (colon < 0 || NodeKinds.Read(text.AsSpan(0, colon)) is not { } kind)
        {
            error = $"{Quote(text)} does not begin with a kind and ':'. "
                + $"The kinds are {NodeKinds.List}; write one like dataset:demo/flights@3.";
            return false;
        }

        return TryParseParts(text, text.AsSpan(colon + 1), kind, out node, out error);
    }

    /// <summary>
    /// Reads, in UTF-8, what <see cref="NodeId.ToString"/> wrote: parts are cut and decoded, and not checked again. Answers about lineage
    /// show thousands of nodes, and checking them took a third of the time.
    /// </summary>
    public static NodeId ReadWritten(ReadOnlySpan<byte> utf8)
    {
        Span<char> small = stackalloc char[512];
        var text = utf8.Length <= small.Length ? small : new char[utf8.Length];
        ReadOnlySpan<char> rest = text[..Encoding.UTF8.GetChars(utf8, text)];
        var kind = NodeKinds.Read(CutHead(ref rest, ':')) ?? throw new FormatException("A node's text is not as it was written.");
        var (column, version) = (CutTail(ref rest, '#'), CutTail(ref rest, '@'));
        var ns = NodeKinds.HasNamespace(kind) ? Decode(CutHead(ref rest, '/')) : "";
        return NodeId.OfChecked(kind, ns, Decode(rest), version, column);
    }

    private static ReadOnlySpan<char> CutHead(ref ReadOnlySpan<char> rest, char mark)
    {
        var head = rest[..rest.IndexOf(mark)];
        rest = rest[(head.Length + 1)..];
        return head;
    }

    private static string? CutTail(ref ReadOnlySpan<char> rest, char mark)
    {
        var at = rest.IndexOf(mark);
        if (at < 0)
        {
            return null;
        }

        var tail = rest[(at + 1)..];
        rest = rest[..at];
        return Decode(tail);
    }

    private static string Decode(ReadOnlySpan<char> part) =>
        Names.TryDecode(part, out var name, out var problem) ? name : throw new FormatException(problem);

    private static bool TryParseParts(
        string text, ReadOnlySpan<char> rest, NodeKind kind, out NodeId node, [NotNullWhen(false)] out string? error)
    {
        node = default;
        if (!TryCutTail(ref rest, '#', "column", out var column, out error)
            || !TryCutTail(ref rest, '@', "version", out var version, out error))
        {
            error = $"{Quote(text)}: {error}";
            return false;
        }

        var ns = "";
        if (NodeKinds.HasNamespace(kind))
        {
            var slash = rest.IndexOf('/');
            if (slash < 0)
            {
                var written = NodeKinds.Write(kind);
                error = $"{Quote(text)} has no '/' between namespace and name: write {written}:namespace/name.";
                return false;
            }

            if (!TryPart(rest[..slash], "namespace", out ns, out error))
            {
                error = $"{Quote(text)}: {error}";
                return false;
            }

            rest = rest[(slash + 1)..];
        }

        if (!TryPart(rest, NodeKinds.HasNamespace(kind) ? "name" : "id", out var name, out error)
            || !NodeId.TryCreate(kind, ns, name, version, column, out node, out error))
        {
            error = $"{Quote(text)}: {error}";
            return false;
        }

        return true;
    }

    private static bool TryCutTail(
        ref ReadOnlySpan<char> rest, char mark, string label, out string? part, [NotNullWhen(false)] out string? error)
    {
        (part, error) = (null, null);
        var at = rest.IndexOf(mark);
        if (at < 0)
        {
            return true;
        }

        var tail = rest[(at + 1)..];
        rest = rest[..at];
        if (tail.IsEmpty)
        {
            error = $"there is no {label} after '{mark}'; leave the '{mark}' out, or write %{(int)mark:X2} where it belongs to a name.";
            return false;
        }

        return TryPart(tail, label, out part, out error);
    }

    private static bool TryPart(
        ReadOnlySpan<char> text, string label, [NotNullWhen(true)] out string? part, [NotNullWhen(false)] out string? error)
    {
        if (Names.HasReserved(text, out var reserved))
        {
            part = null;
            error = $"the {label} holds a bare '{reserved}'; within a part it is written %{(int)reserved:X2}.";
            return false;
        }

        if (!Names.TryDecode(text, out part, out var problem))
        {
            error = $"the {label} {problem}.";
            return false;
        }

        error = null;
        return true;
    }

    /// <summary>What was written, short and without control characters, for a message.</summary>
    private static string Quote(string text)
    {
        var shown = text.Length <= 80 ? text : $"{text.AsSpan(0, char.IsHighSurrogate(text[78]) ? 78 : 79)}…";
        return Names.CheckCharacters(shown) is null ? $"'{shown}'" : "This node id";
    }
}
