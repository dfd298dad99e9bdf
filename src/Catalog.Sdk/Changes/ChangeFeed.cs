using System.Globalization;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>One connection on which changes come, as server-sent events.</summary>
internal sealed class ChangeFeed : IAsyncDisposable
{
    private const string EventStream = "text/event-stream";
    private readonly Transport _transport;
    private readonly HttpResponseMessage _response;
    private readonly SseParser<Said> _parser;
    private readonly IAsyncEnumerator<SseItem<Said>> _events;

    private ChangeFeed(Transport transport, HttpResponseMessage response, Stream body, CancellationToken ct)
    {
        (_transport, _response) = (transport, response);
        _parser = SseParser.Create(new WatchedStream(transport, body), Read);
        _events = _parser.EnumerateAsync(ct).GetAsyncEnumerator(ct);
    }

    /// <summary>Whether the catalog said that this is all.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Everything up to here was told; further than the last change where others were not asked for.</summary>
    public long Position => long.TryParse(_parser.LastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    public static async Task<ChangeFeed> OpenAsync(Transport transport, long after, ChangeOptions wanted, CancellationToken ct)
    {
        var route = Route.Of("changes")
            .With("after", after)
            .With("types", wanted.Types.Count == 0 ? null : string.Join(',', wanted.Types))
            .With("limit", wanted.Limit)
            .With("follow", wanted.Follow ? "true" : "false")
            .ToString();
        var response = await transport.OpenAsync(
            () =>
            {
                var request = transport.Request(HttpMethod.Get, route);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(EventStream));
                return request;
            },
            ct).ConfigureAwait(false);
        if (response.Content.Headers.ContentType?.MediaType == EventStream)
            return new ChangeFeed(transport, response, await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false), ct);
        response.Dispose();
        throw Failures.Unreadable(e: null, transport.Address);
    }

    /// <summary>The next change; null when no more come on this connection: it is at its end, or broken and to be made again.</summary>
    public async Task<CatalogChange?> NextAsync(CancellationToken ct)
    {
        try
        {
            if (!await _events.MoveNextAsync().ConfigureAwait(false))
                return null;
        }
        catch (CatalogException e) when (e.Resend is not Resend.Useless && _transport.Options.MaxRetries > 0 && !ct.IsCancellationRequested)
        {
            return null;
        }

        var said = _events.Current.Data;
        if (said.Problem is { } problem)
            return Failures.FromStream(problem) is { Resend: not Resend.Useless } ? null : throw Failures.FromStream(problem);
        IsAtEnd = said.IsEnd;
        return said.Change;
    }

    public async ValueTask DisposeAsync()
    {
        // First what it reads from: an enumeration that stands in the middle of a read would wait for more.
        _response.Dispose();
        await _events.DisposeAsync().ConfigureAwait(false);
    }

    private Said Read(string name, ReadOnlySpan<byte> data)
    {
        try
        {
            return name switch
            {
                "end" => new Said(Change: null, Problem: null, IsEnd: true),
                "problem" => new Said(Change: null, JsonSerializer.Deserialize(data, Wire.Type<ProblemBody>()), IsEnd: false),
                _ => new Said(JsonSerializer.Deserialize(data, Wire.Type<CatalogChange>()), Problem: null, IsEnd: false),
            };
        }
        catch (JsonException e)
        {
            throw Failures.Unreadable(e, _transport.Address);
        }
    }

    private sealed record Said(CatalogChange? Change, ProblemBody? Problem, bool IsEnd);
}
