using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Catalog.Sdk.Http;

/// <summary>Turns what went wrong into a <see cref="CatalogException"/>: problem details, answers of proxies, and the network.</summary>
internal static class Failures
{
    private const int MaxProblemBytes = 1024 * 1024;

    /// <summary>Reads the answer of a request that did not succeed.</summary>
    public static async Task<CatalogException> FromAsync(HttpResponseMessage response, TimeProvider time, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var problem = await ReadAsync(response, ct).ConfigureAwait(false);
        return From(problem, status, response.ReasonPhrase, WaitAsked(response.Headers.RetryAfter, time));
    }

    /// <summary>A problem that came inside a stream whose status line had already said 200.</summary>
    public static CatalogException FromStream(ProblemBody problem) => From(problem, problem.Status, reason: null, retryAfter: null);

    public static CatalogException From(HttpRequestException e, Uri address) => e.HttpRequestError switch
    {
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError => Unreachable(e, address),
        HttpRequestError.SecureConnectionError => new(
            null, "network.insecure", $"No secure connection to {Show(address)} could be made.", inner: e),
        _ => Broken(e, address),
    };

    /// <summary>No connection was made, so nothing was acted on.</summary>
    public static CatalogException Unreachable(Exception e, Uri address) => new(
        null, "network.unreachable", $"No catalog answers at {Show(address)}", inner: e)
    {
        Resend = Resend.Safe,
    };

    public static CatalogException Broken(Exception? inner, Uri address) => new(
        null, "network.broken", $"The connection to {Show(address)} broke before the answer was complete.", inner: inner)
    {
        Resend = Resend.IfRepeatable,
    };

    public static CatalogException TimedOut(Exception e, Uri address, TimeSpan limit) => new(
        null, "network.timeout", $"The catalog at {Show(address)} did not answer within {limit.TotalSeconds:0.#} s.", inner: e)
    {
        Resend = Resend.IfRepeatable,
    };

    /// <summary>A long call on which nothing has moved for a while.</summary>
    public static CatalogException Idle(Exception e, Uri address, TimeSpan limit) => new(
        null, "network.timeout", $"Nothing was heard of the catalog at {Show(address)} for {limit.TotalSeconds:0.#} s.", inner: e)
    {
        Resend = Resend.IfRepeatable,
    };

    public static CatalogException Unreadable(Exception? e, Uri address) => new(
        null, "network.unreadable", $"What answers at {Show(address)} does not speak like a catalog.", inner: e);

    private static CatalogException From(ProblemBody? problem, int? status, string? reason, TimeSpan? retryAfter) => new(
        status,
        problem?.Code ?? $"http.{status}",
        problem?.Detail ?? problem?.Title ?? $"The catalog answered {status} {reason}".TrimEnd() + '.',
        problem?.Errors)
    {
        Resend = ResendOf((HttpStatusCode?)status, problem?.Code),
        RetryAfter = retryAfter,
    };

    /// <summary>
    /// Only a catalog that says it is busy says that it did nothing. When its database goes away in the middle of a commit, the commit may
    /// have been made. A store that is full stays full.
    /// </summary>
    private static Resend ResendOf(HttpStatusCode? status, string? code) => (status, code) switch
    {
        (HttpStatusCode.TooManyRequests, _) or (HttpStatusCode.ServiceUnavailable, "catalog.busy") => Resend.Safe,
        (HttpStatusCode.ServiceUnavailable, "storage.full") => Resend.Useless,
        (HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout, _) => Resend.IfRepeatable,
        _ => Resend.Useless,
    };

    private static async Task<ProblemBody?> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json"))
            return null;

        try
        {
            await response.Content.LoadIntoBufferAsync(MaxProblemBytes, ct).ConfigureAwait(false);
            using var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, Wire.Type<ProblemBody>(), ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static TimeSpan? WaitAsked(RetryConditionHeaderValue? header, TimeProvider time) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - time.GetUtcNow() is var wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private static string Show(Uri address) => address.GetLeftPart(UriPartial.Path).TrimEnd('/');
}

/// <summary>RFC 9457 problem details with the catalog's members.</summary>
internal sealed record ProblemBody(
    int? Status, string? Title, string? Code, string? Detail, Dictionary<string, string[]>? Errors);
