using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Online;

/// <summary>Sends answers in JSON over HTTP.</summary>
internal static class OnlineAnswers
{
    /// <summary>There where something in an answer may be older than what the catalog has.</summary>
    public const string StaleHeader = "Catalog-Stale";

    public static async Task SendAsync(HttpResponse response, AnswerBuffer answer, bool isStale, CancellationToken ct)
    {
        response.ContentType = "application/json";
        response.ContentLength = answer.Length;
        if (isStale)
            response.Headers[StaleHeader] = "true";
        await response.BodyWriter.WriteAsync(answer.Written, ct);
    }
}
