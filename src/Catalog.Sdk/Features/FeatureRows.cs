using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <param name="Receipt">Whether to be told where each row comes from.</param>
public sealed record OnlineReadOptions(bool Receipt = false);

/// <summary>What there is to say of a value that was asked for.</summary>
public enum FeatureStatus
{
    Present,

    /// <summary>There is a row for the key, and the feature has no value in it.</summary>
    NullValue,

    /// <summary>There is no row for the key.</summary>
    NotFound,

    /// <summary>The row is older than the view's time to live allows.</summary>
    OutsideMaxAge,
}

/// <summary>Values of features, by row that was asked for and by feature.</summary>
/// <param name="Columns">In the order asked.</param>
/// <param name="Views">That the columns are of.</param>
/// <param name="Stale">Whether something may be older than what the catalog has.</param>
public sealed record FeatureRows(IReadOnlyList<FeatureColumn> Columns, IReadOnlyList<AnsweredView> Views, bool Stale)
{
    /// <summary>How many rows there are.</summary>
    public int Count => Columns.Count == 0 ? 0 : Columns[0].Values.Count;

    /// <summary>One row.</summary>
    public FeatureRow this[int row] => new(this, row);

    /// <summary>A feature by its name; where views share it, written <c>view__feature</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is none, or several; the message lists what there is.</exception>
    public FeatureColumn this[string feature]
    {
        get
        {
            var named = Columns.Where(c => c.Name == feature || FullNameOf(c) == feature).ToList();
            return named is [var only]
                ? only
                : throw new KeyNotFoundException(
                    $"'{feature}' is {(named.Count == 0 ? "none" : "several")} of the features: "
                    + $"{string.Join(", ", Columns.Select(FullNameOf))}.");
        }
    }

    internal string FullNameOf(FeatureColumn column) => $"{Views[column.View].Node.Name}__{column.Name}";
}

/// <summary>One row of the answer.</summary>
public readonly record struct FeatureRow(FeatureRows Rows, int Row)
{
    /// <summary>A value; null where there is none.</summary>
    /// <exception cref="KeyNotFoundException">There is no such feature.</exception>
    /// <exception cref="JsonException">The value is no <typeparamref name="T"/>.</exception>
    public T? Get<T>(string feature) => Rows[feature].ValueOf<T>(Row);

    /// <summary>Why there is a value, or none.</summary>
    public FeatureStatus StatusOf(string feature) => Rows[feature].StatusOf(Row);

    /// <summary>Where the values came from, to be handed back with what was decided; ask for a receipt when reading.</summary>
    public FeatureReceipt Receipt
    {
        get
        {
            var row = Row;
            return new(
                [
                    .. Rows.Views.Select(v => v with
                    {
                        EventTimes = [v.EventTimes[row]],
                        Origins = v.Origins is { } origins ? [origins[row]] : null,
                        Positions = v.Positions is { } positions ? [positions[row]] : null,
                    }),
                ],
                Rows.Stale);
        }
    }

    /// <summary>All values, by feature; of features that share a name, by <c>view__feature</c>.</summary>
    public IReadOnlyDictionary<string, object?> ToDictionary()
    {
        var (rows, row) = (Rows, Row);
        var shared = rows.Columns.GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        return rows.Columns.ToDictionary(
            c => shared.Contains(c.Name) ? rows.FullNameOf(c) : c.Name, c => (object?)c.Values[row], StringComparer.Ordinal);
    }
}

/// <summary>The values of a feature.</summary>
/// <param name="View">Which of the views it is of, from 0.</param>
/// <param name="Name">Of the feature.</param>
/// <param name="Type">As its definition has it; of JSON that is masked, <c>string</c>.</param>
/// <param name="Values">By row; null for none.</param>
/// <param name="Statuses">By row; null where all are present.</param>
/// <param name="Mask">What is shown instead of the values, such as <c>hash</c>; null where they are shown as they are.</param>
public sealed record FeatureColumn(
    int View,
    [property: JsonRequired] string Name,
    string Type,
    [property: JsonRequired] IReadOnlyList<JsonElement> Values,
    IReadOnlyList<FeatureStatus>? Statuses = null,
    string? Mask = null)
{
    /// <summary>A value; null where there is none.</summary>
    /// <exception cref="JsonException">The value is no <typeparamref name="T"/>.</exception>
    public T? ValueOf<T>(int row) => Values[row].ValueKind == JsonValueKind.Null ? default : Values[row].Deserialize(Wire.Type<T>());

    /// <summary>All values as numbers, with NaN where there is none: what a model takes.</summary>
    public float[] ToFloats() => [.. Values.Select(v => v.ValueKind == JsonValueKind.Null ? float.NaN : v.Deserialize(Wire.Type<float>()))];

    /// <summary>Why there is a value, or none.</summary>
    public FeatureStatus StatusOf(int row) => Statuses?[row] ?? FeatureStatus.Present;
}

/// <summary>A view that values came from.</summary>
/// <param name="Node">The version of the feature view.</param>
/// <param name="Tier">Which place answered: memory, redis or offline.</param>
/// <param name="EventTimes">By row, when it became so; null where there is no row.</param>
/// <param name="Generation">With a receipt: the generation that serves the view, if there is one.</param>
/// <param name="Origins">
/// With a receipt, by row: the dataset version that it came from, or <c>push</c> for one that came by itself.
/// </param>
/// <param name="Run">With a receipt: the run that made the generation.</param>
/// <param name="Positions">With a receipt, by row: the log position of the dataset version; null for one that came by itself.</param>
/// <param name="Filtered">True where rows are left out that the caller may not see; they are told as not found.</param>
public sealed record AnsweredView(
    [property: JsonRequired] NodeId Node,
    string Tier,
    IReadOnlyList<DateTimeOffset?> EventTimes,
    NodeId? Generation = null,
    IReadOnlyList<string?>? Origins = null,
    NodeId? Run = null,
    IReadOnlyList<long?>? Positions = null,
    bool? Filtered = null);
