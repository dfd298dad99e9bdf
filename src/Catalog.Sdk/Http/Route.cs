using System.Globalization;
using System.Text;

namespace Catalog.Sdk.Http;

/// <summary>Builds the path and query of a request. Every segment is percent-encoded on its own, so names keep their slashes.</summary>
internal sealed class Route
{
    private readonly StringBuilder _text = new();
    private bool _hasQuery;

    private Route(string root) => _text.Append("/v1/").Append(root);

    /// <exception cref="CatalogException"><c>client.name_invalid</c>: a segment is empty.</exception>
    public static Route Of(string root, params ReadOnlySpan<string> segments)
    {
        var route = new Route(root);
        foreach (var segment in segments)
        {
            // It would make another address, which means something else.
            if (segment.Length == 0)
                throw new CatalogException(null, "client.name_invalid", $"A name is empty that belongs into an address below {root}.");
            route._text.Append('/').Append(Uri.EscapeDataString(segment));
        }

        return route;
    }

    public static Route Of(string root, QualifiedName name, params ReadOnlySpan<string> segments) =>
        Of(root, [name.Namespace, name.Name, .. segments]);

    public Route With(string key, string? value)
    {
        if (value is null)
            return this;

        _text.Append(_hasQuery ? '&' : '?').Append(key).Append('=').Append(Uri.EscapeDataString(value));
        _hasQuery = true;
        return this;
    }

    public Route With(string key, long? value) => With(key, value?.ToString(CultureInfo.InvariantCulture));

    public override string ToString() => _text.ToString();
}
