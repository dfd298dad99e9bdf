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
        (_transport, _response, Broke) = (transport, response, Failures.Broken(inner: null, transport.Address));
        _parser = SseParser.Create(new WatchedStream(transport, body), Read);
        _events = _parser.EnumerateAsync(ct).GetAsyncEnumerator(ct);
    }

    /// <summary>Whether the catalog said that this is all; one that is stopped says that there may be more.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Why no more came on this connection, though this was not all.</summary>
    public CatalogException Broke { get; private set; }

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

    /// <summary>The next change; null when no more come on this connection: it is at its end, or <see cref="Broke"/>.</summary>
    /// <exception cref="CatalogException">Asking again would be useless.</exception>
    public async Task<CatalogChange?> NextAsync(CancellationToken ct)
    {
        try
        {
            if (!await _events.MoveNextAsync().ConfigureAwait(false))
                return null;
            var said = _events.Current.Data;
            if (said.Problem is { } problem)
                throw Failures.FromStream(problem);
            IsAtEnd = said.End is { More: false };
            return said.Change;
        }
        catch (CatalogException e) when (e.Resend is not Resend.Useless && !ct.IsCancellationRequested)
        {
            Broke = e;
            return null;
        }
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
                "end" => new Said(Change: null, Problem: null, JsonSerializer.Deserialize(data, Wire.Type<EndBody>())),
                "problem" => new Said(Change: null, JsonSerializer.Deserialize(data, Wire.Type<ProblemBody>()), End: null),
                _ => new Said(JsonSerializer.Deserialize(data, Wire.Type<CatalogChange>()), Problem: null, End: null),
            };
        }
        catch (JsonException e)
        {
            throw Failures.Unreadable(e, _transport.Address);
        }
    }

    private sealed record Said(CatalogChange? Change, ProblemBody? Problem, EndBody? End);

    /// <param name="More">Whether there may be more than was told.</param>
    private sealed record EndBody(bool More);
}
