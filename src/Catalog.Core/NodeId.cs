using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Catalog;

/// <summary>
/// The identity of a node: <c>dataset:demo/flights@3#delay</c>, <c>run:0198…</c>, <c>file:9f86d0…</c>. Every value made here is valid and
/// prints to a text that parses back to it; parts hold plain names, and <c>: / @ # %</c> in them are percent-encoded in the text only.
/// </summary>
[JsonConverter(typeof(NodeIdJsonConverter))]
public readonly record struct NodeId : IParsable<NodeId>
{
    private NodeId(NodeKind kind, string ns, string name, string? version, string? column) =>
        (Kind, Namespace, Name, Version, Column) = (kind, ns, name, version, column);

    public NodeKind Kind { get; }

    /// <summary>The owner or source of the name; empty for runs, generations and files.</summary>
    public string Namespace => field ?? "";

    /// <summary>The name; for runs and generations the id, for files the SHA-256 of the content in lower-case hexadecimal.</summary>
    public string Name => field ?? "";

    /// <summary>A number from 1 up or an alias; null for the thing in all its versions.</summary>
    public string? Version { get; }

    public string? Column { get; }

    /// <summary><see cref="Version"/> as a number; null when there is none or it is an alias.</summary>
    public long? VersionNumber => Names.IsVersionNumber(Version) ? long.Parse(Version, CultureInfo.InvariantCulture) : null;

    /// <summary>
    /// The event stream of the node: its text without version and column, at most <see cref="Names.MaxStreamIdBytes"/> UTF-8 bytes.
    /// </summary>
    public string StreamId => WithoutVersion().ToString();

    /// <summary>
    /// An order that does not depend on arrival: kind, namespace, name, version (numbers by value, after none and before aliases), column.
    /// </summary>
    public static IComparer<NodeId> Order { get; } = Comparer<NodeId>.Create((a, b) => Compare(a, b));

    public static NodeId Dataset(string ns, string name, string? version = null, string? column = null) =>
        Create(NodeKind.Dataset, ns, name, version, column);

    public static NodeId Dataset(string ns, string name, long version, string? column = null) =>
        Create(NodeKind.Dataset, ns, name, Text(version), column);

    public static NodeId Job(string ns, string name) => Create(NodeKind.Job, ns, name);

    public static NodeId Model(string ns, string name, string? version = null) => Create(NodeKind.Model, ns, name, version);

    public static NodeId Model(string ns, string name, long version) => Create(NodeKind.Model, ns, name, Text(version));

    public static NodeId Deployment(string ns, string name) => Create(NodeKind.Deployment, ns, name);

    public static NodeId FeatureView(string ns, string name, string? version = null, string? column = null) =>
        Create(NodeKind.FeatureView, ns, name, version, column);

    public static NodeId FeatureService(string ns, string name, string? version = null) =>
        Create(NodeKind.FeatureService, ns, name, version);

    public static NodeId Run(string id) => Create(NodeKind.Run, "", id);

    public static NodeId Run(Guid id) => Run(id.ToString("D"));

    public static NodeId Generation(string id) => Create(NodeKind.Generation, "", id);

    public static NodeId Generation(Guid id) => Generation(id.ToString("D"));

    /// <param name="sha256">The SHA-256 of the file's bytes: 64 lower-case hexadecimal digits.</param>
    public static NodeId File(string sha256) => Create(NodeKind.File, "", sha256);

    /// <summary>The kind that a word stands for, such as <c>feature-view</c>; null when it is none.</summary>
    public static NodeKind? KindOf(string? word) => NodeKinds.Read(word);

    /// <summary>The word for a kind, as in a node's text.</summary>
    public static string WordOf(NodeKind kind) => NodeKinds.Write(kind);

    /// <summary>The words for kinds, for sentences.</summary>
    public static string KindList => NodeKinds.List;

    /// <summary>
    /// The node of plain (not encoded) parts; false, and a sentence that says what would be right, when they cannot be one.
    /// </summary>
    public static bool TryCreate(
        NodeKind kind, string ns, string name, string? version, string? column, out NodeId node, [NotNullWhen(false)] out string? error)
    {
        error = Problem(kind, ns, name, version, column);
        node = error is null ? new NodeId(kind, ns, name, version, column) : default;
        return error is null;
    }

    /// <summary>The same node at another version; null for all of them.</summary>
    /// <exception cref="ArgumentException">The kind has no versions, or this is not one.</exception>
    public NodeId WithVersion(string? version) => Create(Kind, Namespace, Name, version, Column);

    public NodeId WithVersion(long version) => WithVersion(Text(version));

    /// <summary>The thing itself: without version and column.</summary>
    public NodeId WithoutVersion() => new(Kind, Namespace, Name, version: null, column: null);

    /// <exception cref="FormatException">The message says what would be right.</exception>
    public static NodeId Parse(string text) => TryParse(text, out var node, out var error) ? node : throw new FormatException(error);

    public static NodeId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out NodeId result) =>
        TryParse(s, out result, out _);

    /// <summary>
    /// Reads a node id. Escapes may be of either case and more than are needed; every other deviation is refused with a sentence.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out NodeId node, [NotNullWhen(false)] out string? error) =>
        NodeIdText.TryParse(text, out node, out error);

    public override string ToString()
    {
        if (Kind == default)
        {
            return "";
        }

        Span<char> small = stackalloc char[256];
        return TryFormat(small, out var written) ? small[..written].ToString() : Long();
    }

    /// <summary>Writes what <see cref="ToString"/> says; false when there is no room for it.</summary>
    internal bool TryFormat(Span<char> text, out int written)
    {
        var rest = text;
        var fits = Write(ref rest, NodeKinds.Write(Kind)) && Write(ref rest, ":")
            && (!NodeKinds.HasNamespace(Kind) || (WritePart(ref rest, Namespace) && Write(ref rest, "/")))
            && WritePart(ref rest, Name)
            && (Version is null || (Write(ref rest, "@") && WritePart(ref rest, Version)))
            && (Column is null || (Write(ref rest, "#") && WritePart(ref rest, Column)));
        written = text.Length - rest.Length;
        return fits;
    }

    private string Long()
    {
        var text = new char[NodeIdText.MaxLength];
        return TryFormat(text, out var written) ? new string(text, 0, written) : throw new UnreachableException();
    }

    /// <summary>The node of parts that were checked when the catalog first met it.</summary>
    internal static NodeId OfChecked(NodeKind kind, string ns, string name, string? version, string? column) =>
        new(kind, ns, name, version, column);

    private static NodeId Create(NodeKind kind, string ns, string name, string? version = null, string? column = null) =>
        TryCreate(kind, ns, name, version, column, out var node, out var error) ? node : throw new NodeIdException(error);

    private static string? Problem(NodeKind kind, string ns, string name, string? version, string? column)
    {
        if (!Enum.IsDefined(kind))
        {
            return $"The kinds of node are {NodeKinds.List}.";
        }

        var written = NodeKinds.Write(kind);
        var badNamespace = NodeKinds.HasNamespace(kind) ? Names.Check(ns) : ns is "" ? null : "must be empty: the id says it all";
        if (badNamespace is not null)
        {
            return $"The namespace of a {written} {badNamespace}.";
        }

        if (Names.Check(name) is { } badName)
        {
            return $"The {(NodeKinds.HasNamespace(kind) ? "name" : "id")} of a {written} {badName}.";
        }

        if (kind is NodeKind.File && !IsSha256(name))
        {
            return "The id of a file must be the SHA-256 of its content: 64 lower-case hexadecimal digits.";
        }

        if (version is not null
            && (NodeKinds.HasVersion(kind) ? Names.CheckVersion(version) : "must be left out: it has none") is { } badVersion)
        {
            return $"The version of a {written} {badVersion}.";
        }

        if (column is not null && (NodeKinds.HasColumn(kind) ? Names.Check(column) : "must be left out: it has none") is { } badColumn)
        {
            return $"The column of a {written} {badColumn}.";
        }

        var bytes = Encoding.UTF8.GetByteCount(new NodeId(kind, ns, name, version: null, column: null).ToString());
        return bytes > Names.MaxStreamIdBytes
            ? $"Namespace and name of a {written} must take at most {Names.MaxStreamIdBytes} bytes together once encoded, not {bytes}."
            : null;
    }

    private static bool IsSha256(string text) => text.Length == 64 && !text.AsSpan().ContainsAnyExcept("0123456789abcdef");

    private static bool WritePart(ref Span<char> rest, string name) =>
        Names.TryEncode(name, rest, out var written) && Skip(ref rest, written);

    private static bool Write(ref Span<char> rest, string text) => text.TryCopyTo(rest) && Skip(ref rest, text.Length);

    private static bool Skip(ref Span<char> rest, int count)
    {
        rest = rest[count..];
        return true;
    }

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary><see cref="Order"/> without copies: answers about lineage sort thousands of nodes.</summary>
    public static int Compare(in NodeId a, in NodeId b)
    {
        var order = a.Kind.CompareTo(b.Kind);
        order = order != 0 ? order : string.CompareOrdinal(a.Namespace, b.Namespace);
        order = order != 0 ? order : string.CompareOrdinal(a.Name, b.Name);
        order = order != 0 ? order : Rank(a).CompareTo(Rank(b));
        order = order != 0 ? order : string.CompareOrdinal(a.Version, b.Version);
        return order != 0 ? order : string.CompareOrdinal(a.Column, b.Column);
    }

    private static long Rank(in NodeId node) => node.Version is null ? 0 : node.VersionNumber ?? long.MaxValue;
}

/// <summary>Names that cannot be a node; the message says what would be right.</summary>
public sealed class NodeIdException(string message) : ArgumentException(message);
