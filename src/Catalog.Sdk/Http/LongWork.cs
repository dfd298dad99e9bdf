using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Catalog.Sdk.Http;

/// <summary>
/// Calls that answer in lines (<c>application/x-ndjson</c>): progress while the server works, then a result or a problem.
/// </summary>
internal static class LongWork
{
    private const string Lines = "application/x-ndjson";

    public static Task<T> RunAsync<T>(
        Transport transport,
        Route route,
        object? body,
        WorkStage stage,
        IProgress<WorkProgress>? progress,
        CancellationToken ct,
        Repeat repeat = Repeat.Always)
    {
        var target = route.ToString();
        return transport.StreamAsync(
            _ =>
            {
                var request = transport.Request(HttpMethod.Post, target);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Lines));
                if (body is not null)
                    request.Content = JsonContent.Create(body, Wire.Type(body.GetType()));
                return request;
            },
            repeat,
            async (response, alive) => response.Content.Headers.ContentType?.MediaType == Lines
                ? await ReadLinesAsync<T>(transport, response, stage, progress, alive).ConfigureAwait(false)
                : await Transport.ReadJsonAsync<T>(response, alive.Token).ConfigureAwait(false),
            ct);
    }

    private static async Task<T> ReadLinesAsync<T>(
        Transport transport, HttpResponseMessage response, WorkStage stage, IProgress<WorkProgress>? progress, Inactivity alive)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(alive.Token).ConfigureAwait(false));
        while (await reader.ReadLineAsync(alive.Token).ConfigureAwait(false) is { } line)
        {
            alive.Moved();
            if (line.Length == 0)
                continue;

            var said = JsonSerializer.Deserialize(line, Wire.Type<WorkLine<T>>())
                ?? throw new JsonException("A line of the answer is null.");
            if (said.Problem is { } problem)
                throw Failures.FromStream(problem);
            if (said.Result is { } result)
                return result;
            if (said.Progress is { } p)
                progress?.Report(new WorkProgress(stage, p.Files, p.TotalFiles, p.Bytes, p.TotalBytes, p.Rows, p.Said));
        }

        throw Failures.Broken(new EndOfStreamException("The answer ended before its result."), transport.Address);
    }
}

internal sealed record WorkLine<T>(ProgressBody? Progress, T? Result, ProblemBody? Problem);

internal sealed record ProgressBody(
    long Files, long? TotalFiles, long Bytes, long? TotalBytes, long? Rows, string? View = null, string? Step = null)
{
    public string? Said => Step is null ? null : $"{Step} {View}";
}
