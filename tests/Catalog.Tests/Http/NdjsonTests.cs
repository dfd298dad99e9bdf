using System.Text;
using System.Text.Json;
using Catalog.Platform;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Catalog.Tests.Http;

/// <summary>Long work that tells how far it is.</summary>
public sealed class NdjsonTests
{
    [Fact]
    public async Task Work_that_fails_unexpectedly_after_it_began_ends_with_a_problem_under_an_id_that_the_log_has()
    {
        var log = new LogLines();
        var http = Request(log);
        var answer = await Ndjson.RunAsync<Step, Step>(http, Fail, created: false, Ct);

        await answer.ExecuteAsync(http);

        var lines = Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var problem = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("problem");
        Assert.Equal("catalog.internal", problem.GetProperty("code").GetString());
        Assert.Contains(http.TraceIdentifier, problem.GetProperty("detail").GetString());
        Assert.DoesNotContain("secret", lines[^1], StringComparison.Ordinal);
        Assert.Contains(http.TraceIdentifier, Assert.Single(log.Lines), StringComparison.Ordinal);

        static Task<Outcome<Step>> Fail(IProgress<Step>? progress, CancellationToken ct)
        {
            progress?.Report(new Step(1));
            throw new InvalidOperationException("A secret.");
        }
    }

    [Fact]
    public async Task The_request_outlives_the_work_when_the_client_leaves()
    {
        using var gone = new CancellationTokenSource();
        var http = Request(new LogLines());
        http.RequestAborted = gone.Token;
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var answer = await Ndjson.RunAsync<Step, Step>(http, WorkAsync, created: false, gone.Token);
        var answering = answer.ExecuteAsync(http);
        await begun.Task;

        await gone.CancelAsync();
        Assert.False(answering.IsCompleted);
        end.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);

        async Task<Outcome<Step>> WorkAsync(IProgress<Step>? progress, CancellationToken ct)
        {
            begun.SetResult();
            await end.Task;
            return new Step(1);
        }
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DefaultHttpContext Request(LogLines log)
    {
        var services = new ServiceCollection().AddOptions().AddLogging(logging => logging.AddProvider(log)).BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services, TraceIdentifier = "trace-7" };
        http.Request.Headers.Accept = Ndjson.ContentType;
        http.Response.Body = new MemoryStream();
        return http;
    }

    private sealed record Step(int Number);

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));

        void IDisposable.Dispose()
        {
        }
    }
}
