using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Catalog.Platform.Http;

/// <summary>
/// Long work with progress: when the client accepts <c>application/x-ndjson</c>, lines <c>{"progress":…}</c> are sent while it runs and one line
/// <c>{"result":…}</c> or <c>{"problem":…}</c> ends the answer. Other clients get the plain answer at the end.
/// </summary>
internal static class Ndjson
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
            var ct = http.RequestAborted;
            var options = http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            var progress = new LatestProgress<TProgress>();
            var running = Task.Run(
                async () =>
                {
                    try
                    {
                        return await work(progress, ct);
                    }
                    finally
                    {
                        progress.Complete();
                    }
                },
                ct);

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
            try
            {
                var outcome = await running;
                if (outcome.Succeeded)
                    await LineAsync(new { result = outcome.Value });
                else
                    await LineAsync(new { problem = outcome.Problem.ToDetails() });
            }
            catch (Exception e) when (Faults.ToProblem(e) is { } problem)
            {
                await LineAsync(new { problem = problem.ToDetails() });
            }

            async Task LineAsync<TLine>(TLine line)
            {
                await JsonSerializer.SerializeAsync(http.Response.Body, line, options, ct);
                await http.Response.Body.WriteAsync("\n"u8.ToArray(), ct);
                await http.Response.Body.FlushAsync(ct);
            }
        }
    }

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
