using System.Globalization;
using System.Text;

namespace Catalog.Lineage.Exports;

/// <summary>
/// Qualified names of PROV (PROV-N, section 3.7.1). The kind of a node is the prefix and the rest of its text the local name, so that with
/// the namespaces declared the whole is <c>urn:catalog:</c> and the text of the node.
/// </summary>
internal static class ProvNames
{
    private const string Urn = "urn:catalog:";

    /// <summary>Those of the catalog's own terms, such as <c>catalog:DatasetVersion</c>.</summary>
    public const string Terms = "catalog";

    /// <summary>All executions of a job together, where it is not known, or not asked, which of them.</summary>
    public const string Executions = "executions";

    public const string Principal = "principal";

    /// <summary>For <c>file</c>, with which much software takes any name for a place on a disk.</summary>
    private const string File = "sha256";

    public static string Of(NodeId node)
    {
        var text = node.ToString();
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return $"{(node.Kind == NodeKind.File ? File : text[..colon])}:{Local(text[(colon + 1)..])}";
    }

    public static string Of(string prefix, string name) => $"{prefix}:{Local(Names.Encode(name))}";

    public static string ExecutionsOf(NodeId job) => $"{Executions}{Of(job)[NodeId.WordOf(NodeKind.Job).Length..]}";

    /// <summary>The namespace that a prefix stands for.</summary>
    public static string NamespaceOf(string prefix) => prefix switch
    {
        "prov" => "http://www.w3.org/ns/prov#",
        "xsd" => "http://www.w3.org/2001/XMLSchema#",
        Terms => Urn + "terms#",
        File => Urn + "file:",
        _ => $"{Urn}{prefix}:",
    };

    /// <summary>
    /// Text that is percent-encoded already where the catalog does, and is here wherever a local name could not hold it. Reading a node
    /// undoes both.
    /// </summary>
    private static string Local(string text)
    {
        var local = new StringBuilder(text.Length);
        foreach (var (at, octet) in Encoding.UTF8.GetBytes(text).Index())
        {
            var c = (char)octet;
            var isInside = at > 0 && at < text.Length - 1;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '/' or '@' or '#' or '%' || (c is '-' or '.' && isInside))
                local.Append(c);
            else
                local.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return local.ToString();
    }
}
