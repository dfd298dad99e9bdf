using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Log;
using Catalog.Platform.Store;

namespace Catalog.Changes;

/// <summary>
/// Writes facts as lines of JSON, or as server-sent events whose ids are positions
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
/// </summary>
internal sealed class ChangeLines(PipeWriter to, bool asEvents)
{
    public const string LineType = "application/x-ndjson";
    public const string EventType = "text/event-stream";

    /// <summary>So many bytes may wait to be sent before the reader is waited for.</summary>
    private const int MostUnsent = 64 * 1024;

    private static readonly string KeyIssuedType = CatalogStore.Facts.NameOf(typeof(KeyIssued));
    private readonly ArrayBufferWriter<byte> _json = new();

    public bool IsFull => to.UnflushedBytes >= MostUnsent;

    public void Fact(LogEntry fact) => Write(eventName: null, fact.Position, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("position", fact.Position);
        json.WriteString("id", fact.Id);
        json.WriteString("time", fact.Time);
        json.WriteString("stream", fact.Stream);
        json.WriteString("type", fact.Type);
        json.WriteString("principal", fact.Principal);
        json.WritePropertyName("data");
        json.WriteRawValue(DataOf(fact), skipInputValidation: true);
        json.WriteEndObject();
    });

    /// <summary>Nothing to tell, but the connection lives. An event's id without data is what a client comes back with.</summary>
    public void Beat(long position) => Text(asEvents ? $": no news\nid: {Text(position)}\n\n" : "\n");

    /// <summary>The last word of an answer that ends by itself.</summary>
    /// <param name="position">To go on from.</param>
    /// <param name="more">Whether there may be more already.</param>
    public void End(long position, bool more) => Write("end", position, json =>
    {
        StartLine(json, "end");
        json.WriteStartObject();
        json.WriteNumber("position", position);
        json.WriteBoolean("more", more);
        json.WriteEndObject();
        EndLine(json);
    });

    /// <summary>The last word of an answer that cannot go on.</summary>
    public void Problem(Problem problem) => Write("problem", position: null, json =>
    {
        StartLine(json, "problem");
        JsonSerializer.Serialize(json, problem.ToDetails(), JsonSerializerOptions.Web);
        EndLine(json);
    });

    /// <summary>Waits until the client has taken what was written: a slow reader holds up only itself.</summary>
    public ValueTask<FlushResult> SendAsync(CancellationToken ct) => to.FlushAsync(ct);

    /// <summary>A line says by its one member what it is; an event has a name for that.</summary>
    private void StartLine(Utf8JsonWriter json, string member)
    {
        if (asEvents)
            return;
        json.WriteStartObject();
        json.WritePropertyName(member);
    }

    private void EndLine(Utf8JsonWriter json)
    {
        if (!asEvents)
            json.WriteEndObject();
    }

    private void Write(string? eventName, long? position, Action<Utf8JsonWriter> body)
    {
        _json.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_json))
            body(json);
        if (asEvents && position is { } id)
            Text($"id: {Text(id)}\n");
        if (asEvents && eventName is not null)
            Text($"event: {eventName}\n");
        if (asEvents)
            to.Write("data: "u8);
        to.Write(_json.WrittenSpan);
        to.Write(asEvents ? "\n\n"u8 : "\n"u8);
    }

    private void Text(string text) => Encoding.ASCII.GetBytes(text, to);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The fact as it stands in the log, but for the hash of a key's secret, which is nobody's to have.</summary>
    private static ReadOnlySpan<byte> DataOf(LogEntry fact)
    {
        if (fact.Type != KeyIssuedType || JsonNode.Parse(fact.Data.Span) is not JsonObject data)
            return fact.Data.Span;
        data.Remove("secretHash");
        return JsonSerializer.SerializeToUtf8Bytes(data);
    }
}
