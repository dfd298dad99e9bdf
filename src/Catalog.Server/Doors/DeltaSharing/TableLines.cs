using System.Globalization;
using System.Text.Json;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Sharing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// A table, and its files where they are asked for, line by line. The first file is signed before the answer begins, so that most of what
/// goes wrong is told with its status; later, a client that looks for the end is told there, and others see the connection break.
/// </summary>
/// <param name="table">The version.</param>
/// <param name="capabilities">Of the client.</param>
internal sealed class TableLines(FindTable.Answer table, Capabilities capabilities) : IResult
{
    public const string VersionHeader = "Delta-Table-Version";
    private const string ContentType = "application/x-ndjson; charset=utf-8";

    /// <summary>The files; null for the table alone.</summary>
    public QueryTable.Answer? Files { get; init; }

    /// <summary>Whether a version was asked for: its number and time then stand with what is of it.</summary>
    public bool OfAVersion { get; init; }

    /// <summary>What ends the answer, to have the same files signed again; null for nothing.</summary>
    public string? RefreshToken { get; init; }

    public static void TellVersion(HttpResponse response, FindTable.Answer table) =>
        response.Headers[VersionHeader] = table.Page.Number.ToString(CultureInfo.InvariantCulture);

    public async Task ExecuteAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        await using var files = (Files?.Files ?? AsyncEnumerable.Empty<QueryTable.TableFile>()).GetAsyncEnumerator(ct);
        var more = await files.MoveNextAsync();
        TellVersion(http.Response, table);
        capabilities.Tell(http.Response);
        http.Response.ContentType = ContentType;
        http.Response.Headers.CacheControl = "no-store";
        var format = capabilities.Format;
        await LineAsync(http, new { Protocol = format.Protocol(TableFormats.SchemaOf(table)) });
        await LineAsync(http, new { MetaData = format.MetaData(table, OfAVersion) });
        var here = http.RequestServices.GetRequiredService<PublicAddress>();
        var firstToExpire = DateTimeOffset.MaxValue;
        try
        {
            for (; more; more = await files.MoveNextAsync())
            {
                var url = here.Of(http.Request, files.Current.Url.Url).OriginalString;
                await LineAsync(http, new { File = format.File(table, files.Current, url, OfAVersion) });
                firstToExpire = files.Current.Url.ExpiresAt < firstToExpire ? files.Current.Url.ExpiresAt : firstToExpire;
            }
        }
        catch (Exception e) when (capabilities.EndOfStream && Faults.ToProblem(e) is { } problem)
        {
            await LineAsync(http, new { EndStreamAction = new { ErrorMessage = problem.Detail } });
            return;
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            http.Abort();
            throw;
        }

        if (RefreshToken is not null || capabilities.EndOfStream)
            await LineAsync(http, new { EndStreamAction = End(firstToExpire) });
    }

    private object End(DateTimeOffset firstToExpire) => new
    {
        RefreshToken,
        MinUrlExpirationTimestamp = firstToExpire == DateTimeOffset.MaxValue ? (long?)null : firstToExpire.ToUnixTimeMilliseconds(),
    };

    private static async Task LineAsync<T>(HttpContext http, T line)
    {
        await JsonSerializer.SerializeAsync(http.Response.Body, line, SharingJson.Options, http.RequestAborted);
        await http.Response.Body.WriteAsync("\n"u8.ToArray(), http.RequestAborted);
    }
}
