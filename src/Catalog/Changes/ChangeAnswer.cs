using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Log;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Changes;

/// <summary>
/// Tells the log to one client for as long as there is something to tell. It ends when what was asked for is told, when the client goes,
/// when the server stops, and when the client's key opens nothing any more.
/// </summary>
/// <param name="question">What was asked for.</param>
/// <param name="end">Where the log ended when it was asked.</param>
/// <param name="cursor">Reads the log.</param>
/// <param name="sight">What of it may be told.</param>
/// <param name="clock">Tells when to ask the gate again.</param>
internal sealed partial class ChangeAnswer(ChangeQuestion question, long end, LogCursor cursor, ChangeSight sight, TimeProvider clock)
    : IResult
{
    /// <summary>How often the gate is asked again, and a connection shown to be alive.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _types = new(question.Types, StringComparer.Ordinal);
    private long _left = question.Limit ?? long.MaxValue;

    /// <summary>Everything up to here was told, or was not asked for.</summary>
    private long _told = question.After;

    public async Task ExecuteAsync(HttpContext http)
    {
        var stopping = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        http.Response.ContentType = question.AsEvents ? ChangeLines.EventType : ChangeLines.LineType;
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold lines back until it has many
        var lines = new ChangeLines(http.Response.BodyWriter, question.AsEvents);
        try
        {
            await TellAsync(lines, either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            lines.End(_told, more: true);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            lines.Problem(Faults.ToProblem(e) ?? Unexpected(e, http));
        }

        await lines.SendAsync(http.RequestAborted);
    }

    private async Task TellAsync(ChangeLines lines, CancellationToken ct)
    {
        await lines.SendAsync(ct); // the headers, so that a client knows that it was let in
        var asked = clock.GetTimestamp();
        while (_left > 0 && (question.Follow || _told < end))
        {
            await TellAsync(lines, await cursor.NextAsync(ct), ct);
            if (clock.GetElapsedTime(asked) < Beat)
                continue;
            if (await sight.AskAgainAsync(ct) is { } no)
            {
                lines.Problem(no);
                return;
            }

            lines.Beat(_told);
            await lines.SendAsync(ct);
            asked = clock.GetTimestamp();
        }

        lines.End(_told, more: _left == 0);
    }

    private async Task TellAsync(ChangeLines lines, IReadOnlyList<LogEntry> facts, CancellationToken ct)
    {
        foreach (var fact in facts)
        {
            if (_left == 0)
                break;
            if ((_types.Count == 0 || _types.Contains(fact.Type)) && sight.Shows(fact))
            {
                lines.Fact(fact);
                _left--;
            }

            _told = fact.Position;
            if (lines.IsFull)
                await lines.SendAsync(ct);
        }

        if (facts.Count > 0)
            await lines.SendAsync(ct);
    }

    /// <summary>Says in the log what happened, and to the client under which id.</summary>
    private static Problem Unexpected(Exception e, HttpContext http)
    {
        LogUnexpected(http.RequestServices.GetRequiredService<ILogger<ChangeAnswer>>(), e, http.TraceIdentifier);
        return Problem.Of("catalog.internal", $"The catalog failed on this request; its log says more under '{http.TraceIdentifier}'.");
    }

    [LoggerMessage(5001, LogLevel.Error, "A request failed unexpectedly after its answer began ({TraceIdentifier}).")]
    private static partial void LogUnexpected(ILogger log, Exception e, string traceIdentifier);
}
