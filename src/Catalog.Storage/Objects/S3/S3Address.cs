using System.Text.RegularExpressions;

namespace Catalog.Storage.Objects.S3;

/// <summary>
/// Where objects live: <c>s3://bucket/prefix?endpoint=http://127.0.0.1:6560&amp;region=us-east-1&amp;path-style=true&amp;profile=name</c>.
/// </summary>
/// <param name="Bucket">3 to 63 lower-case letters, digits, dots and hyphens.</param>
/// <param name="Prefix">What every key begins with: empty, or with a slash at its end.</param>
/// <param name="Endpoint">Of a server that is not Amazon's; null for Amazon's of the region.</param>
/// <param name="Region">That requests are signed for; null for that of the standard chain.</param>
/// <param name="PathStyle">Whether the bucket is in the path, or in front of the host. By default in the path of an endpoint.</param>
/// <param name="Profile">Whose credentials are used; null for those that the standard chain finds.</param>
public sealed partial record S3Address(string Bucket, string Prefix, Uri? Endpoint, string? Region, bool PathStyle, string? Profile)
{
    public const string Scheme = "s3://";
    private const string Example = "s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1";
    private static readonly string[] Known = ["endpoint", "region", "path-style", "profile"];

    /// <exception cref="FormatException">One sentence says which part is wrong, and what would be right.</exception>
    public static S3Address Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
            throw Wrong($"'{text}' does not begin with {Scheme}");

        var (place, query) = Cut(text[Scheme.Length..], '?');
        var (bucket, path) = Cut(place, '/');
        if (!BucketName().IsMatch(bucket))
            throw Wrong($"the bucket '{bucket}' must be 3 to 63 lower-case letters, digits, dots and hyphens");
        var prefix = Uri.UnescapeDataString(path).Trim('/');
        if (prefix.Length > 0 && ObjectKey.Check(prefix) is { } problem)
            throw Wrong($"the prefix '{prefix}' {problem}");

        var settings = Settings(query);
        var endpoint = settings.GetValueOrDefault("endpoint") is { } address ? ParseEndpoint(address) : null;
        return new S3Address(
            bucket,
            prefix.Length == 0 ? "" : prefix + '/',
            endpoint,
            settings.GetValueOrDefault("region"),
            settings.GetValueOrDefault("path-style") is { } style ? ParseStyle(style) : endpoint is not null,
            settings.GetValueOrDefault("profile"));
    }

    /// <summary>For people: where it is, without how to get there.</summary>
    public override string ToString() => $"{Scheme}{Bucket}/{Prefix.TrimEnd('/')}{(Endpoint is null ? "" : $" at {Endpoint}")}";

    private static Dictionary<string, string> Settings(string query)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(pair, '=');
            if (!Known.Contains(name, StringComparer.Ordinal))
                throw Wrong($"'{name}' is no setting; there are {string.Join(", ", Known)}");
            if (value.Length == 0 || !settings.TryAdd(name, Uri.UnescapeDataString(value)))
                throw Wrong($"'{name}' must be given once, with a value");
        }

        return settings;
    }

    private static Uri ParseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var endpoint)
        && endpoint.Scheme is "http" or "https" && endpoint.PathAndQuery == "/" && endpoint.UserInfo.Length == 0
            ? endpoint
            : throw Wrong($"the endpoint '{text}' must be http:// or https://, a host and a port, such as http://127.0.0.1:9000");

    private static bool ParseStyle(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw Wrong($"path-style is '{text}' and must be true or false"),
    };

    private static (string Before, string After) Cut(string text, char at) =>
        text.IndexOf(at) is >= 0 and var i ? (text[..i], text[(i + 1)..]) : (text, "");

    private static FormatException Wrong(string problem) => new($"{char.ToUpperInvariant(problem[0])}{problem[1..]}: write {Example}.");

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]$")]
    private static partial Regex BucketName();
}
