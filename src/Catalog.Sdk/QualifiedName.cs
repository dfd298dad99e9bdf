using System.Diagnostics.CodeAnalysis;

namespace Catalog.Sdk;

/// <summary>
/// A namespace and a name: what a dataset, job, model or deployment is called.
/// <para>
/// One rule for the text form: <c>namespace/name</c> with exactly one slash, and each part percent-encoded where it holds any of
/// <c>: / @ # %</c>. <c>demo/flights</c> needs nothing; the table <c>a/b</c> of <c>s3://lake</c> is <c>s3%3A%2F%2Flake/a%2Fb</c>.
/// Where the parts are at hand, <c>("s3://lake", "a/b")</c> takes them as they are and nothing has to be encoded.
/// </para>
/// </summary>
public readonly record struct QualifiedName : IParsable<QualifiedName>
{
    /// <summary>Takes both parts as they are.</summary>
    /// <exception cref="FormatException">A part is empty, too long, <c>.</c> or <c>..</c>, or holds control characters.</exception>
    public QualifiedName(string @namespace, string name)
    {
        if (!NodeId.TryCreate(NodeKind.Dataset, @namespace, name, version: null, column: null, out _, out var error))
            throw new FormatException(error.Replace("of a dataset ", "", StringComparison.Ordinal));

        (Namespace, Name) = (@namespace, name);
    }

    public string Namespace { get; }

    public string Name { get; }

    /// <summary>The namespace and name of a node, whatever its kind and version.</summary>
    public static QualifiedName Of(NodeId node) => new(node.Namespace, node.Name);

    /// <exception cref="FormatException">The text is not <c>namespace/name</c>.</exception>
    public static QualifiedName Parse(string s, IFormatProvider? provider = null) =>
        TryRead(s, out var name, out var problem) ? name : throw new FormatException(problem);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out QualifiedName result) =>
        TryRead(s ?? "", out result, out _);

    /// <inheritdoc cref="Parse"/>
    public static implicit operator QualifiedName(string text) => Parse(text);

    public static implicit operator QualifiedName((string Namespace, string Name) parts) => new(parts.Namespace, parts.Name);

    /// <summary>The text form, encoded: <see cref="Parse"/> reads it back.</summary>
    public override string ToString() => $"{Names.Encode(Namespace)}/{Names.Encode(Name)}";

    private static bool TryRead(string text, out QualifiedName name, out string problem)
    {
        (name, problem) = (default, "");
        if (text.AsSpan().IndexOfAny(':', '@', '#') is >= 0 and var at)
        {
            problem = $"'{text}' is not a name: write namespace/name, and '{text[at]}' inside a part as %{(int)text[at]:X2}.";
            return false;
        }

        if (!NodeId.TryParse($"dataset:{text}", out var node, out var error))
        {
            problem = error.Replace("dataset:", "", StringComparison.Ordinal);
            return false;
        }

        name = Of(node);
        return true;
    }
}
