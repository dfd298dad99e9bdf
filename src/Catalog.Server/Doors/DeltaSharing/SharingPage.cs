using System.Buffers.Text;
using System.Text;
using Catalog.Platform;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>Which page of a listing: <c>maxResults</c> (0 to 1,000; 500 unless told) and <c>pageToken</c>.</summary>
/// <param name="Listing">The address of the listing, which its tokens are good for.</param>
/// <param name="Limit">Items wanted at most.</param>
/// <param name="After">The key of the item before; null or empty for the first.</param>
internal sealed record SharingPage(string Listing, int Limit, string? After)
{
    private const int DefaultLimit = 500;
    private const int MaxLimit = 1_000;
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static ValueTask<SharingPage> BindAsync(HttpContext http)
    {
        var listing = http.Request.Path.Value?.ToLowerInvariant() ?? "";
        var asked = PageRequest.Number(http.Request.Query, "maxResults", DefaultLimit, 0, int.MaxValue);
        return ValueTask.FromResult(new SharingPage(listing, Math.Min(asked, MaxLimit), Read(http.Request.Query["pageToken"], listing)));
    }

    /// <summary>The answer to a listing.</summary>
    /// <param name="page">Of what was found.</param>
    /// <param name="shape">How an item is shown; null for one that has no name at this door.</param>
    public IResult Answer<T, TShape>(Page<T> page, Func<T, TShape?> shape)
        where TShape : class => SharingJson.Answer(new
        {
            Items = page.Items.Select(shape).OfType<TShape>(),
            NextPageToken = page.Next is { } next ? Write(next) : null,
        });

    private string Write(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Listing}\n{key}"));

    private static string? Read(string? token, string listing)
    {
        if (string.IsNullOrEmpty(token))
            return null;
        try
        {
            var text = s_strict.GetString(Base64Url.DecodeFromChars(token));
            if (text.StartsWith(listing + '\n', StringComparison.Ordinal) && !text.Contains('\0', StringComparison.Ordinal))
                return text[(listing.Length + 1)..] is { Length: > 0 } key ? key : null;
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            // Said below.
        }

        throw new ProblemException(
            Problem.Field("cursor.invalid", "pageToken", "'pageToken' must be the 'nextPageToken' of an earlier page of this listing."));
    }
}
