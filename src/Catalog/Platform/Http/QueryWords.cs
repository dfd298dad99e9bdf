using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Catalog.Platform.Http;

/// <summary>Reads single values of the query string, or refuses them with a sentence that says what would be right.</summary>
internal static class QueryWords
{
    /// <summary>One of a closed list of words; null when it is not given.</summary>
    public static T? One<T>(IQueryCollection query, string field)
        where T : struct, Enum => query[field] switch
        {
            [] => null,
            [{ } text] when Word<T>(text) is { } value => value,
            _ => throw Wrong(field, $"must be one of {string.Join(", ", Of<T>())}"),
        };

    /// <summary>Words of the caller's own; null when they are not given.</summary>
    public static string? Text(IQueryCollection query, string field) => query[field] switch
    {
        [] => null,
        [{ Length: > 0 } text] when !text.Contains('\0', StringComparison.Ordinal) => text,
        _ => throw Wrong(field, "must be given once, and not be empty"),
    };

    /// <summary>The words of a list, as they are written.</summary>
    public static IReadOnlyList<string> Of<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(n => char.ToLowerInvariant(n[0]) + n[1..])];

    public static NodeKind Kind(string? text, string field) =>
        NodeId.KindOf(text) ?? throw Wrong(field, $"must be one of {NodeId.KindList}");

    /// <summary>A time with its offset (RFC 3339); null when it is not given.</summary>
    public static DateTimeOffset? Time(IQueryCollection query, string field) => query[field] switch
    {
        [] => null,
        [{ } text] when ReadTime(text) is { } time => time,
        _ => throw Wrong(field, "must be a time with its offset, such as 2026-03-01T12:00:00Z"),
    };

    public static DateTimeOffset? ReadTime(string text) =>
        text.Length >= 20 && char.IsAsciiDigit(text[0]) && text.Contains('T', StringComparison.Ordinal)
        && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-')
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    /// <summary>
    /// One whole word of the list: the framework's own parsing also takes numbers, and adds up lists such as <c>completed,failed</c>.
    /// </summary>
    private static T? Word<T>(string text)
        where T : struct, Enum =>
        Enum.GetNames<T>().FirstOrDefault(n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse<T>(name) : null;

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, $"'{field}' {what}."));
}
