using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Catalog.Platform.Http;

/// <summary>
/// Long work with progress: when the client accepts <c>application/x-ndjson</c>, lines <c>{"progress":…}</c> are sent while it runs and
/// one line
/// <c>{"result":…}</c> or <c>{"problem":…}</c> ends the answer. Other clients get the plain answer at the end.
/// </summary>
internal static partial class Ndjson
{
    public const string ContentType = "application/x-ndjson";

    public static async Task<IResult> RunAsync<TProgress, T>(
        HttpContext http, Func<IProgress<TProgress>?, CancellationToken, Task<Outcome<T>>> work, bool created, CancellationToken ct)
        where TProgress : class
        where T : class =>
        http.Request.Headers.Accept.Any(a => a?.Contains(ContentType, StringComparison.OrdinalIgnoreCase) == true)
            ? new ProgressAnswer<TProgress, T>(work)
            : (await work(null, ct)).ToHttp(created);

    private sealed class ProgressAnswer<TProgress, T>(Func<IProgress<TProgress>?, CancellationToken, Task<Outcome<T>>> work) : IResult
        where TProgress : class
        where T : class
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            var progress = new LatestProgress<TProgress>();
            var running = Task.Run(() => WorkAsync(progress, http.RequestAborted));
            try
            {
                await TellAsync(http, progress, running);
            }
            finally
            {
                // What it works with is the request's own, and goes with it.
                await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }

        private async Task<Outcome<T>> WorkAsync(LatestProgress<TProgress> progress, CancellationToken ct)
        {
            try
            {
                return await work(progress, ct);
            }
            finally
            {
                progress.Complete();
            }
        }

        private static async Task TellAsync(HttpContext http, LatestProgress<TProgress> progress, Task<Outcome<T>> running)
        {
            var ct = http.RequestAborted;
            var options = http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            await using var steps = progress.ReadAllAsync(ct).GetAsyncEnumerator(ct);
            var told = await steps.MoveNextAsync();

            // Refused before the work began: as good as any other refusal, with its status.
            if (!told && await running is { Succeeded: false } refused)
            {
                await new ProblemAnswer(refused.Problem).ExecuteAsync(http);
                return;
            }

            http.Response.ContentType = ContentType;
            for (; told; told = await steps.MoveNextAsync())
                await LineAsync(new { progress = steps.Current });

            // Headers are out: what goes wrong now travels as the last line.
            var (result, problem) = await EndAsync(http, running);
            if (problem is null)
                await LineAsync(new { result });
            else
                await LineAsync(new { problem = problem.ToDetails() });

            async Task LineAsync<TLine>(TLine line)
            {
                await JsonSerializer.SerializeAsync(http.Response.Body, line, options, ct);
                await http.Response.Body.WriteAsync("\n"u8.ToArray(), ct);
                await http.Response.Body.FlushAsync(ct);
            }
        }

        private static async Task<(T? Result, Problem? Problem)> EndAsync(HttpContext http, Task<Outcome<T>> running)
        {
            try
            {
                var outcome = await running;
                return (outcome.Value, outcome.Problem);
            }
            catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
            {
                return (null, Faults.ToProblem(e) ?? Unexpected(e, http));
            }
        }
    }

    /// <summary>Says in the log what happened, and to the client under which id.</summary>
    private static Problem Unexpected(Exception e, HttpContext http)
    {
        var log = http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Ndjson));
        LogUnexpected(log, e, http.TraceIdentifier);
        return Problem.Of("catalog.internal", $"The catalog failed on this request; its log says more under '{http.TraceIdentifier}'.");
    }

    [LoggerMessage(1201, LogLevel.Error, "A request failed unexpectedly after its answer began ({TraceIdentifier}).")]
    private static partial void LogUnexpected(ILogger log, Exception e, string traceIdentifier);

    /// <summary>Keeps only the newest step: a slow reader never holds up the work.</summary>
    private sealed class LatestProgress<TProgress> : IProgress<TProgress>
        where TProgress : class
    {
        private readonly Channel<TProgress> _steps =
            Channel.CreateBounded<TProgress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

        public void Report(TProgress value) => _steps.Writer.TryWrite(value);

        public void Complete() => _steps.Writer.TryComplete();

        public IAsyncEnumerable<TProgress> ReadAllAsync(CancellationToken ct) => _steps.Reader.ReadAllAsync(ct);
    }
}
