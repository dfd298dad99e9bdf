using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
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
    /// <param name="subject">By the columns of the table; of predictions also by the names of keys.</param>
    /// <param name="schema">Of the table.</param>
    /// <param name="isPredictions">Whether rows have the keys that they were made for as JSON.</param>
    public static SubjectTest? Of(Subject subject, Schema schema, bool isPredictions)
    {
        var conditions = subject.ConditionsOn(schema);
        var keys = isPredictions && schema.FieldsList.Any(f => f is { Name: PredictionBatches.Keys, DataType: StringType });
        if (!keys)
        {
            return conditions.Count == 0 ? null : new(
                [.. conditions.Select(c => c.Column).Distinct(StringComparer.Ordinal)],
                conditions.Count == 1 ? conditions[0] : null,
                batch => RowMatch.OfAny(conditions, batch.Schema).Of(batch));
        }

        return new(
            [.. conditions.Select(c => c.Column).Append(PredictionBatches.Keys).Distinct(StringComparer.Ordinal)],
            Pushed: null,
            batch => [.. RowMatch.OfAny(conditions, batch.Schema).Of(batch).Zip(OfKeys(subject, batch), (one, other) => one || other)]);
    }

    /// <summary>Whether the keys of an entity, a JSON object, are the subject's; what is no JSON is nobody's.</summary>
    public static bool IsOf(Subject subject, string keys)
    {
        try
        {
            using var parsed = JsonDocument.Parse(keys);
            return parsed.RootElement.ValueKind == JsonValueKind.Object && parsed.RootElement.EnumerateObject().Any(
                key => subject.Values.TryGetValue(key.Name, out var value)
                    && (key.Value.ValueKind == JsonValueKind.String ? key.Value.GetString() : key.Value.GetRawText()) == value);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static IEnumerable<bool> OfKeys(Subject subject, RecordBatch batch)
    {
        var keys = (StringArray)batch.Column(batch.Schema.GetFieldIndex(PredictionBatches.Keys));
        return Enumerable.Range(0, batch.Length).Select(i => keys.GetString(i) is { } text && IsOf(subject, text));
    }
}
