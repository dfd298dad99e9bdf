using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Catalog.Sdk;

namespace Catalog.Tests.Sdk;

/// <summary>Stands in for the network at the HTTP boundary: answers are given in order, and what was asked is kept.</summary>
internal sealed class StandInServer : HttpMessageHandler
{
    private readonly Queue<Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>> _answers = new();
    private readonly Dictionary<string, Func<string, HttpResponseMessage>> _always = new(StringComparer.Ordinal);

    public List<Asked> Requests { get; } = [];

    public FastClock Clock { get; } = new();

    public CatalogClient Connect(int maxRetries = 5) => Connect(new CatalogClientOptions { MaxRetries = maxRetries, Time = Clock });

    public CatalogClient Connect(CatalogClientOptions options) =>
        new(new Uri("http://catalog.test:4870"), "cat_test_secret", options with { Handler = this });

    public StandInServer Then(HttpStatusCode status, string? json = null, Action<HttpResponseMessage>? also = null) =>
        Then(_ => Json(status, json, also));

    public StandInServer Then(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        _answers.Enqueue((request, _) => Task.FromResult(answer(request)));
        return this;
    }

    /// <summary>Takes the request and never answers; <paramref name="meanwhile"/> happens then.</summary>
    public StandInServer ThenFallsSilent(Action? meanwhile = null)
    {
        _answers.Enqueue((_, ct) =>
        {
            meanwhile?.Invoke();
            return new TaskCompletionSource<HttpResponseMessage>().Task.WaitAsync(ct);
        });
        return this;
    }

    public StandInServer ThenBreaks(HttpRequestError error) => Then(_ => throw new HttpRequestException(error, "broken"));

    /// <summary>Answers every request of this method and path that no queued answer is left for.</summary>
    public StandInServer Always(string methodAndPath, Func<string, HttpResponseMessage> answer)
    {
        _always[methodAndPath] = answer;
        return this;
    }

    public StandInServer Always(string methodAndPath, string json) => Always(methodAndPath, _ => Json(HttpStatusCode.OK, json));

    public static HttpResponseMessage Json(HttpStatusCode status, string? json, Action<HttpResponseMessage>? also = null)
    {
        var response = new HttpResponseMessage(status);
        if (json is not null)
        {
            response.Content = new StringContent(json, Encoding.UTF8);
            response.Content.Headers.ContentType = new MediaTypeHeaderValue(
                (int)status < 400 ? "application/json" : "application/problem+json");
        }

        also?.Invoke(response);
        return response;
    }

    public static HttpResponseMessage Lines(params string[] lines)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(string.Join('\n', lines) + '\n') };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        return response;
    }

    public static string Problem(int status, string code, string detail) =>
        $$"""{"status":{{status}},"title":"x","code":"{{code}}","detail":"{{detail}}"}""";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var target = request.RequestUri?.PathAndQuery ?? "";
        Requests.Add(new Asked(request.Method.Method, target, body, request.Headers));
        if (_answers.TryDequeue(out var answer))
            return await answer(request, cancellationToken);

        var key = $"{request.Method.Method} {target.Split('?')[0]}";
        return _always.TryGetValue(key, out var always)
            ? always(body)
            : Json(HttpStatusCode.NotFound, Problem(404, "request.not_found", $"Nothing answers {key}."));
    }
}

internal sealed record Asked(string Method, string Target, string Body, HttpRequestHeaders Headers);

/// <summary>A clock on which short waits are over at once, and written down.</summary>
internal sealed class FastClock : TimeProvider
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(90);

    public List<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= TimeSpan.Zero && dueTime < Short)
        {
            lock (Waits)
                Waits.Add(dueTime);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

        return new NoTimer();
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
