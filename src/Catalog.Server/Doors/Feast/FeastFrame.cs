using System.Globalization;
using System.Text.Json;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Serving;
using Catalog.Serving.Pushing;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// A data frame of Feast, by column, as rows of a view. Columns are named as keys and features are, or as the columns of the source that
/// they are of; the event time stands under the source's name for it, or as <c>event_timestamp</c>. Other columns are passed over: what is
/// pushed to Feast are whole events.
/// </summary>
internal sealed class FeastFrame(IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> columns, HotView view)
{
    private const string EventTimestamp = "event_timestamp";
    private const string Created = "created";

    /// <exception cref="ProblemException">A column is missing or not as long as the others, or a time cannot be read.</exception>
    public IReadOnlyList<PushRows.Row> ToRows()
    {
        var definition = view.Definition;
        var times = Column("event time", definition.Source.EventTime, EventTimestamp);
        var created = Find(definition.Source.CreatedTime ?? Created, Created);
        var keys = definition.Keys().Select(k => (k.Name, Values: Column("key", k.Name, k.Column))).ToList();
        var features = definition.Features
            .Select(f => (f.Name, Type: HotType.Of(f.Type), Values: Find(f.Name, f.Column ?? f.Name)))
            .Where(f => f.Values is not null).ToList();
        foreach (var (name, values) in columns)
        {
            if (values.Count != times.Count)
            {
                throw Wrong(
                    $"df.{name}", $"'{name}' has {values.Count} values, and the event times are {times.Count}: each must be as long.");
            }
        }

        return
        [
            .. Enumerable.Range(0, times.Count).Select(row => new PushRows.Row(
                keys.ToDictionary(k => k.Name, k => k.Values[row], StringComparer.Ordinal),
                Time(times[row], $"df.{definition.Source.EventTime}[{row}]"),
                features.ToDictionary(f => f.Name, f => Adapted(f.Type, f.Values?[row] ?? default), StringComparer.Ordinal),
                created?[row] is { ValueKind: not JsonValueKind.Null } at ? Time(at, $"df.{Created}[{row}]") : null)),
        ];
    }

    /// <summary>The columns of a data frame in JSON.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> Read(JsonElement body)
    {
        if (!body.TryGetProperty("df", out var frame) || frame.ValueKind != JsonValueKind.Object)
            throw Wrong("df", "'df' must be an object: for each column, an array with a value for each row.");
        var columns = new Dictionary<string, IReadOnlyList<JsonElement>>(StringComparer.Ordinal);
        foreach (var column in frame.EnumerateObject())
        {
            if (column.Value.ValueKind != JsonValueKind.Array)
                throw Wrong($"df.{column.Name}", $"'{column.Name}' must be an array with a value for each row.");
            columns[column.Name] = [.. column.Value.EnumerateArray()];
        }

        return columns;
    }

    /// <summary>Timestamps may be seconds since 1970, which Feast's clients write.</summary>
    private static JsonElement Adapted(HotType type, JsonElement value) =>
        type.Kind == HotKind.Timestamp && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && IsTime(seconds)
            ? JsonSerializer.SerializeToElement(DateTimeOffset.FromUnixTimeSeconds(seconds).ToString(
                type.IsInstant ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture))
            : value;

    private static DateTimeOffset Time(JsonElement value, string field)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && IsTime(seconds))
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        return value.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, Utc, out var time)
            ? time
            : throw Wrong(field, $"'{field}' must be a time such as \"2026-11-26T14:02:00\", in UTC, or seconds since 1970.");
    }

    private static bool IsTime(long seconds) =>
        seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private IReadOnlyList<JsonElement> Column(string what, string name, string orName) => Find(name, orName)
        ?? throw Wrong($"df.{name}", $"'df' must have the {what} '{name}'; it has {string.Join(", ", columns.Keys)}.");

    private IReadOnlyList<JsonElement>? Find(string name, string orName) =>
        columns.GetValueOrDefault(name) ?? columns.GetValueOrDefault(orName);

    private static ProblemException Wrong(string field, string what) => new(Problem.Field("request.invalid", field, what));
}
