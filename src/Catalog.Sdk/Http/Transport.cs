using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using Catalog.Access;

namespace Catalog.Sdk.Http;

/// <summary>
/// Sends requests and reads answers: authentication, retries, errors, and the log position, so that whoever wrote reads its own writes.
/// </summary>
internal sealed class Transport : IDisposable
{
    public const string PositionHeader = "Catalog-Position";
    public const string PurposeHeader = "Catalog-Purpose";
    public const string RunHeader = "Catalog-Run";

    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private readonly ConcurrentDictionary<string, Transport> _elsewhere;
    private readonly HttpClient _http;
    private readonly Retries _retries;
    private readonly string _root;
    private readonly Guid? _run;
    private long _position;

    /// <param name="address">Of a catalog, or of another server that holds its files.</param>
    /// <param name="apiKey">Null for another server, which must not see it, nor what the data is wanted for.</param>
    /// <param name="options">Retries, limits, purpose, run.</param>
    public Transport(Uri address, string? apiKey, CatalogClientOptions options)
    {
        Address = address;
        Options = options;
        _root = address.AbsoluteUri.TrimEnd('/');
        _run = options.Run;
        _retries = new Retries(options);
        _elsewhere = new ConcurrentDictionary<string, Transport>(StringComparer.Ordinal);
        _http = options.Handler is { } handler ? new HttpClient(handler, disposeHandler: false) : new HttpClient(Network(address));
        _http.Timeout = Timeout.InfiniteTimeSpan;
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("catalog-sdk", Version));
        if (apiKey is null)
            return;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        if (options.Purpose is { } purpose)
            _http.DefaultRequestHeaders.Add(PurposeHeader, Purposes.Write(purpose));
    }

    private Transport(Transport like, Guid run)
    {
        (Address, Options, _http, _retries, _root) = (like.Address, like.Options, like._http, like._retries, like._root);
        (_run, _position, _elsewhere) = (run, like.Position, like._elsewhere);
    }

    /// <summary>The same, with what is read counted for a run. Not to be disposed: the connections are the other's.</summary>
    public Transport For(Guid run) => new(this, run);

    public Uri Address { get; }

    public CatalogClientOptions Options { get; }

    /// <summary>Highest log position any answer named.</summary>
    public long Position => Interlocked.Read(ref _position);

    private static string Version { get; } =
        typeof(Transport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Reads one thing.</summary>
    public Task<T> GetAsync<T>(Route route, CancellationToken ct) => GetAsync(route, (T answer, HttpResponseMessage _) => answer, ct);

    /// <summary>Reads one thing whose headers matter, in a state that includes everything this client has seen.</summary>
    public Task<TResult> GetAsync<T, TResult>(Route route, Func<T, HttpResponseMessage, TResult> shape, CancellationToken ct) =>
        GetFreshAsync(route, async (response, t) => shape(Seen(await ReadJsonAsync<T>(response, t).ConfigureAwait(false)), response), ct);

    /// <summary>Reads a text of any kind, in a state that includes everything this client has seen.</summary>
    public Task<TResult> GetTextAsync<TResult>(Route route, Func<string, HttpResponseMessage, TResult> shape, CancellationToken ct) =>
        GetFreshAsync(
            route, async (response, t) => shape(await response.Content.ReadAsStringAsync(t).ConfigureAwait(false), response), ct);

    private async Task<TResult> GetFreshAsync<TResult>(
        Route route, Func<HttpResponseMessage, CancellationToken, Task<TResult>> read, CancellationToken ct)
    {
        var (anew, seen) = (route.ToString(), Position);
        var fresh = (seen > 0 ? route.With("atLeast", seen) : route).ToString();
        try
        {
            return await ShortAsync(() => Request(HttpMethod.Get, fresh), Repeat.Always, read, ct).ConfigureAwait(false);
        }
        catch (CatalogException e) when (e.Code == "catalog.position_unknown" && seen > 0)
        {
            // The catalog was restored as it had been before: what this client saw since is not in its log.
            Interlocked.CompareExchange(ref _position, 0, seen);
            return await ShortAsync(() => Request(HttpMethod.Get, anew), Repeat.Always, read, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Writes.</summary>
    public Task<T> SendAsync<T>(
        HttpMethod method, Route route, object? body, CancellationToken ct, Repeat repeat = Repeat.Always, string? ifMatch = null)
    {
        var target = route.ToString();
        return ShortAsync(
            () =>
            {
                var request = Request(method, target);
                if (body is not null)
                    request.Content = JsonContent.Create(body, Wire.Type(body.GetType()));
                if (ifMatch is not null)
                    request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
                return request;
            },
            repeat,
            async (response, t) => Seen(await ReadJsonAsync<T>(response, t).ConfigureAwait(false)),
            ct);
    }

    /// <summary>
    /// Sends a request of any length, and hands the answer over while its body is still arriving. Whoever sends or reads says what moves.
    /// </summary>
    public Task<T> StreamAsync<T>(
        Func<Inactivity, HttpRequestMessage> request,
        Repeat repeat,
        Func<HttpResponseMessage, Inactivity, Task<T>> read,
        CancellationToken ct) =>
        _retries.RunAsync(
            repeat,
            token => UnlessIdleAsync(
                alive => AttemptAsync(
                    () => request(alive),
                    async (response, _) => Seen(await read(response, alive).ConfigureAwait(false)),
                    alive.Token),
                token),
            ct);

    /// <summary>Opens an answer whose body the caller reads with <see cref="ReadAsync"/>, and disposes.</summary>
    public Task<HttpResponseMessage> OpenAsync(Func<HttpRequestMessage> request, CancellationToken ct) =>
        _retries.RunAsync(
            Repeat.Always,
            token => UnlessIdleAsync(alive => MappedAsync(() => AnswerAsync(request, alive.Token), alive.Token), token),
            ct);

    /// <summary>As <see cref="OpenAsync"/>, for the bytes from an offset on.</summary>
    public Task<HttpResponseMessage> OpenAtAsync(Func<HttpRequestMessage> whole, long from, CancellationToken ct) =>
        OpenAsync(
            () =>
            {
                var request = whole();
                if (from > 0)
                    request.Headers.Range = new RangeHeaderValue(from, to: null);
                return request;
            },
            ct);

    /// <summary>To the server of a signed address: without the key, which is only for the catalog.</summary>
    public Transport Elsewhere(Uri signed) =>
        _elsewhere.GetOrAdd(signed.GetLeftPart(UriPartial.Authority), root => new Transport(new Uri(root), apiKey: null, Options));

    /// <summary>Reads more of an open answer. A connection that broke or fell silent is a <see cref="CatalogException"/>.</summary>
    public Task<int> ReadAsync(Stream body, Memory<byte> block, CancellationToken ct) =>
        UnlessIdleAsync(alive => MappedAsync(() => body.ReadAsync(block, alive.Token).AsTask(), alive.Token), ct);

    public HttpRequestMessage Request(HttpMethod method, string target)
    {
        var request = new HttpRequestMessage(method, new Uri(_root + target, AsWritten));
        if (_run is { } run)
            request.Headers.Add(RunHeader, run.ToString());
        return request;
    }

    /// <summary>To an address that was signed: not a character of it may change.</summary>
    public static HttpRequestMessage Request(SignedFile file)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(file.Url.OriginalString, AsWritten));
        foreach (var (name, value) in file.Headers ?? [])
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    public static async Task<T> ReadJsonAsync<T>(HttpResponseMessage response, CancellationToken ct)
    {
        using var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        return await JsonSerializer.DeserializeAsync(body, Wire.Type<T>(), ct).ConfigureAwait(false)
            ?? throw new JsonException("The answer is null.");
    }

    public void Dispose()
    {
        foreach (var other in _elsewhere.Values)
            other.Dispose();
        _http.Dispose();
    }

    private Task<T> ShortAsync<T>(
        Func<HttpRequestMessage> request,
        Repeat repeat,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken ct) =>
        _retries.RunAsync(
            repeat,
            async token =>
            {
                using var limit = new CancellationTokenSource(Options.CallTimeout, Options.Time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(token, limit.Token);
                try
                {
                    return await AttemptAsync(request, read, both.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException e) when (limit.IsCancellationRequested && !token.IsCancellationRequested)
                {
                    throw Failures.TimedOut(e, Address, Options.CallTimeout);
                }
            },
            ct);

    private Task<T> AttemptAsync<T>(
        Func<HttpRequestMessage> make, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken ct) =>
        MappedAsync(
            async () =>
            {
                using var response = await AnswerAsync(make, ct).ConfigureAwait(false);
                return await read(response, ct).ConfigureAwait(false);
            },
            ct);

    private async Task<T> UnlessIdleAsync<T>(Func<Inactivity, Task<T>> work, CancellationToken ct)
    {
        using var alive = new Inactivity(Options, ct);
        try
        {
            return await work(alive).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (alive.RanOut)
        {
            throw Failures.Idle(e, Address, Options.InactivityTimeout);
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        using var request = make();
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
        Remember(response);
        if (response.IsSuccessStatusCode)
            return response;

        using (response)
            throw await Failures.FromAsync(response, Options.Time, ct).ConfigureAwait(false);
    }

    private async Task<T> MappedAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw Failures.From(e, Address);
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException && !ct.IsCancellationRequested)
        {
            // How SocketsHttpHandler says that its ConnectTimeout is over.
            throw Failures.Unreachable(e, Address);
        }
        catch (IOException e)
        {
            throw Failures.Broken(e, Address);
        }
        catch (JsonException e)
        {
            throw Failures.Unreadable(e, Address);
        }
    }

    private void Remember(HttpResponseMessage response)
    {
        if (response.Headers.TryGetValues(PositionHeader, out var values) && long.TryParse(values.FirstOrDefault(), out var position))
            Saw(position);
    }

    /// <summary>Lines of long work come without the header, but each result names its position.</summary>
    private T Seen<T>(T answer)
    {
        if (answer is IAtPosition written)
            Saw(written.Position);
        return answer;
    }

    /// <summary>Answers from now on are asked to include a position.</summary>
    public void Saw(long position)
    {
        for (var known = Position; position > known; known = Position)
        {
            if (Interlocked.CompareExchange(ref _position, position, known) == known)
                return;
        }
    }

    private static SocketsHttpHandler Network(Uri address) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = 64,
        UseProxy = !address.IsLoopback,
    };
}
