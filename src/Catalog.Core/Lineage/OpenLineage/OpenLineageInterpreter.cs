using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// Reads OpenLineage events (specification 2-0-2) as leniently as clients in use need: ids of runs that are no UUIDs, times without offset,
/// no <c>schemaURL</c>, null members, unknown facets and members. What is interpreted must be right; what is not, is not looked into. Any
/// bytes at all lead to an event or to a problem. Memory is bounded by a small multiple of the body: free text is never made a string.
/// </summary>
public static class OpenLineageInterpreter
{
    /// <summary>The deepest JSON that is read, in levels.</summary>
    public const int MaxDepth = 256;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = MaxDepth };

    /// <summary>Parses a body of one event or an array of them. The document uses <paramref name="utf8"/> as long as it lives.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out OpenLineageProblem? problem)
    {
        (document, problem) = (null, null);
        var body = utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (!Utf8.IsValid(body.Span))
        {
            problem = new OpenLineageProblem("$", "must be JSON in UTF-8.");
            return false;
        }

        try
        {
            document = JsonDocument.Parse(body, s_options);
            return true;
        }
        catch (JsonException e)
        {
            // The reader's own message would repeat pieces of the body.
            var place = $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            problem = new OpenLineageProblem("$", $"must be JSON of at most {MaxDepth} levels; it is not from {place} on.");
            return false;
        }
    }

    /// <summary>Parses and interprets one event.</summary>
    public static OpenLineageReading Read(ReadOnlyMemory<byte> utf8)
    {
        if (!TryParse(utf8, out var document, out var problem))
        {
            return Wrong(problem);
        }

        using (document)
        {
            return Read(document.RootElement);
        }
    }

    /// <summary>Interprets one event of a document from <see cref="TryParse"/>. Several threads may read one document.</summary>
    public static OpenLineageReading Read(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return Wrong(new OpenLineageProblem("$", "must be an object: a run, job or dataset event."));
        }

        var cursor = new EventCursor();
        var read = Interpret(cursor, value);
        return cursor.Problem is { } problem
            ? Wrong(problem)
            : new OpenLineageReading(read, EventDigest.Of(value), Problem: null);
    }

    private static OpenLineageReading Wrong(OpenLineageProblem problem) => new(Event: null, Hash: "", problem);

    private static OpenLineageEvent Interpret(EventCursor cursor, JsonElement value)
    {
        var kind = KindOf(cursor, value);
        var time = cursor.Time(value, "eventTime");
        if (time is null)
        {
            cursor.Fail("eventTime", "must be given: when it happened, such as 2026-11-24T10:00:00.000Z.");
        }

        var facets = new Facets(cursor);
        var job = kind is OpenLineageKind.Dataset ? null : JobReader.Read(cursor, facets, value);
        var datasets = new DatasetReader(cursor, facets, job?.Node);
        return new OpenLineageEvent(
            kind,
            time ?? default,
            kind is OpenLineageKind.Run ? cursor.OneOf<OpenLineageState>(value, "eventType") : null,
            kind is OpenLineageKind.Run ? RunReader.Read(cursor, facets, value) : null,
            job,
            kind is OpenLineageKind.Dataset ? datasets.ReadOnly(value) : null,
            kind is OpenLineageKind.Dataset ? [] : datasets.ReadAll(value, "inputs", "inputFacets"),
            kind is OpenLineageKind.Dataset ? [] : datasets.ReadAll(value, "outputs", "outputFacets"));
    }

    /// <summary>By the keys that are there: what <c>schemaURL</c> says is nonsense in too many events.</summary>
    private static OpenLineageKind KindOf(EventCursor cursor, JsonElement value)
    {
        if (JsonText.Find(value, "run") is not null)
        {
            return OpenLineageKind.Run;
        }

        if (JsonText.Find(value, "dataset") is not null)
        {
            return OpenLineageKind.Dataset;
        }

        if (JsonText.Find(value, "job") is null)
        {
            cursor.Fail("must have 'run' and 'job' (a run event), 'job' (a job event) or 'dataset' (a dataset event).");
        }

        return OpenLineageKind.Job;
    }
}

/// <summary>An interpreted event, or why it is none.</summary>
/// <param name="Event">Null where there is a problem.</param>
/// <param name="Hash">SHA-256 of the event's canonical JSON, lower-case hexadecimal: the same event sent again has the same.</param>
/// <param name="Problem">The first one found; null where there is none.</param>
public sealed record OpenLineageReading(OpenLineageEvent? Event, string Hash, OpenLineageProblem? Problem)
{
    [MemberNotNullWhen(true, nameof(Event))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool Succeeded => Event is not null;
}
