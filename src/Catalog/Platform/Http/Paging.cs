using System.Buffers.Text;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;

namespace Catalog.Platform.Http;

/// <summary>One page of a list.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="Next">Pass as <c>after</c> to go on; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Which page is asked for: <c>limit</c> (1 to 1,000; 100 unless told) and <c>after</c> (a cursor from the page before).</summary>
/// <param name="Limit">Items wanted at most.</param>
/// <param name="After">The last key of the page before, decoded; null for the first page.</param>
/// <param name="AtLeast">A log position that the answer must include; the request waits for it, up to five seconds.</param>
public sealed record PageRequest(int Limit, string? After, long? AtLeast) : IEndpointParameterMetadataProvider
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    public static ValueTask<PageRequest> BindAsync(HttpContext http)
    {
        var query = http.Request.Query;
        return ValueTask.FromResult(new PageRequest(
            Number(query, "limit", DefaultLimit, 1, MaxLimit),
            Cursor(query["after"]),
            query.ContainsKey("atLeast") ? Number(query, "atLeast", 0L, 0L, long.MaxValue) : null));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Metadata.Add(new RequestParameter("limit", ParameterPlace.Query, "Items wanted at most.")
        {
            Range = (1, MaxLimit),
            Default = DefaultLimit.ToString(),
        });
        builder.Metadata.Add(new RequestParameter("after", ParameterPlace.Query, "The 'next' of the page before."));
        builder.Metadata.Add(RequestParameter.AtLeast);
    }

    /// <summary>The cursor of a list that is ordered by number.</summary>
    public long? AfterNumber => After is null ? null
        : long.TryParse(After, out var number) ? number
        : throw new ProblemException(Problem.Field("cursor.invalid", "after", "'after' must be the 'next' of an earlier page of this list."));

    /// <summary>
    /// Cuts the page to its limit. The query behind it asks for one item more than <see cref="Limit"/>, to know whether there is a next
    /// page.
    /// </summary>
    public Page<T> Cut<T>(IReadOnlyList<T> found, Func<T, string> key) =>
        found.Count > Limit
            ? new Page<T>([.. found.Take(Limit)], Encode(key(found[Limit - 1])))
            : new Page<T>(found, Next: null);

    internal static TNumber Number<TNumber>(IQueryCollection query, string field, TNumber missing, TNumber min, TNumber max)
        where TNumber : struct, System.Numerics.INumber<TNumber> => query[field] switch
        {
            [] => missing,
            [{ } text] when TNumber.TryParse(text, System.Globalization.NumberStyles.Integer, provider: null, out var number) && number >= min && number <= max => number,
            _ => throw new ProblemException(Problem.Field("request.invalid", field, $"'{field}' must be a whole number from {min} to {max}.")),
        };

    private static string? Cursor(StringValues given) => given switch
    {
        [] or [""] => null,
        [{ } cursor] => Decode(cursor),
        _ => throw new ProblemException(Problem.Field("cursor.invalid", "after", "'after' can be given once.")),
    };

    private static string Encode(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    private static string Decode(string cursor)
    {
        try
        {
            var key = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(cursor));
            return key.Length > 0 && !key.Contains('\0') ? key : throw new FormatException("No key is like that.");
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            throw new ProblemException(Problem.Field("cursor.invalid", "after", "'after' must be the 'next' of an earlier page, unchanged."));
        }
    }
}
