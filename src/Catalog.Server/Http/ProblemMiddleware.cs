using Catalog.Platform;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Catalog.Server.Http;

/// <summary>
/// Answers every exception with a problem. What a client cannot help is logged under an id that the answer names, and shows nothing else.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            await Refusals.Of(http, Faults.ToProblem(e) ?? Unexpected(e, http)).ExecuteAsync(http);
        }
    }

    private Problem Unexpected(Exception e, HttpContext http)
    {
        LogUnexpected(e, http.TraceIdentifier);
        return Problem.Of("catalog.internal", $"The catalog failed on this request; its log says more under '{http.TraceIdentifier}'.");
    }

    [LoggerMessage(3001, LogLevel.Error, "A request failed unexpectedly ({TraceIdentifier}).")]
    private partial void LogUnexpected(Exception e, string traceIdentifier);
}
