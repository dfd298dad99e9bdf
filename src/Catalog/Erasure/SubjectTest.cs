using System.Text.Json;
using Apache.Arrow;
using Catalog.Predictions;
using Catalog.Storage.Columnar;

namespace Catalog.Erasure;

/// <summary>Tells a subject's rows in a table.</summary>
/// <param name="Columns">That have to be read for it.</param>
/// <param name="Pushed">What can be looked for in the file's statistics: all rows of the subject meet it; null where nothing can.</param>
/// <param name="Match">By row of a batch that has those columns, whether it is the subject's.</param>
internal sealed record SubjectTest(IReadOnlyList<string> Columns, Condition? Pushed, Func<RecordBatch, bool[]> Match)
{
    /// <summary>Null where no row of such a table can be the subject's.</summary>
    public static SubjectTest? Of(Subject subject, Schema schema, bool isPredictions)
    {
        if (isPredictions && schema.GetFieldIndex(PredictionBatches.Keys) >= 0)
            return new([PredictionBatches.Keys], Pushed: null, batch => OfKeys(subject, batch));
        var conditions = subject.ConditionsOn(schema);
        return conditions.Count == 0 ? null : new(
            [.. conditions.Select(c => c.Column)],
            conditions.Count == 1 ? conditions[0] : null,
            batch => RowMatch.OfAny(conditions, batch.Schema).Of(batch));
    }

    /// <summary>Whether the keys of an entity, a JSON object, are the subject's.</summary>
    public static bool IsOf(Subject subject, string keys)
    {
        using var parsed = JsonDocument.Parse(keys);
        return parsed.RootElement.ValueKind == JsonValueKind.Object && parsed.RootElement.EnumerateObject().Any(
            key => subject.Values.TryGetValue(key.Name, out var value)
                && (key.Value.ValueKind == JsonValueKind.String ? key.Value.GetString() : key.Value.GetRawText()) == value);
    }

    private static bool[] OfKeys(Subject subject, RecordBatch batch)
    {
        var keys = (StringArray)batch.Column(batch.Schema.GetFieldIndex(PredictionBatches.Keys));
        return [.. Enumerable.Range(0, batch.Length).Select(i => keys.GetString(i) is { } text && IsOf(subject, text))];
    }
}
