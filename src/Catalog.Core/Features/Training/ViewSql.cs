using Catalog.Schemas;

namespace Catalog.Features.Training;

/// <summary>Writes what a view adds to rows.</summary>
/// <param name="view">As it is joined.</param>
/// <param name="number">Among the views, from 0.</param>
/// <param name="source">Schema of the version that events come from.</param>
/// <param name="knownAt">In microseconds; null where nothing is left out.</param>
internal sealed class ViewSql(RecipeView view, int number, TableSchema source, long? knownAt, SqlWords words, SqlNames names)
{
    private readonly FeatureSource _from = view.Definition.Source;

    public string Events => $"events_{number}";

    /// <summary>The step that has, by row, what the view adds to it; rows without events are not in it.</summary>
    public string Name => $"view_{number}";

    /// <summary>The columns of the source that are read.</summary>
    public IEnumerable<string> Columns() => view.Definition.Keys().Select(k => k.Column)
        .Append(_from.EventTime)
        .Concat(_from.CreatedTime is { } created ? [created] : System.Array.Empty<string>())
        .Concat(view.Features.Select(f => FeatureOf(f).Column).OfType<string>())
        .Distinct(StringComparer.Ordinal);

    /// <summary>Events with their times.</summary>
    /// <param name="table">Of the source's rows.</param>
    public string EventsOf(string table)
    {
        var created = _from.CreatedTime is { } c ? $", {Microseconds(c)} as {names.Created}" : "";
        return $"select *, {Microseconds(_from.EventTime)} as {names.Time}{created} from {table}";
    }

    public string Rows(string rows) => view.Definition.IsAggregated() ? Windows(rows) : Latest(rows);

    /// <summary>A feature of a row: a row without events is in no group, and its counts are 0.</summary>
    public IEnumerable<string> Features() => view.Features.Select(f =>
    {
        var column = $"{Name}.{words.Quote(f.Column)}";
        var isCount = FeatureOf(f).Aggregation?.Function == AggregateFunction.Count;
        return $"{(isCount ? $"coalesce({column}, 0)" : column)} as {words.Quote(f.Column)}";
    });

    /// <summary>Candidates of each row are numbered, the one that holds first.</summary>
    private string Latest(string rows)
    {
        var columns = view.Features.Select(f => $"{Value(FeatureOf(f))} as {words.Quote(f.Column)}");
        var way = _from.Ties == TieRule.Last ? "desc" : "asc";
        var created = _from.CreatedTime is null ? "" : $"e.{names.Created} desc nulls last, ";
        var alive = view.Definition.TimeToLive is { } ttl ? $" and e.{names.Time} >= r.{names.Time} - {Length(ttl)}" : "";
        return $"select * from (\n  select r.{names.File}, r.{names.Row}, {string.Join(", ", columns)},\n"
            + $"    row_number() over (partition by r.{names.File}, r.{names.Row}\n"
            + $"      order by e.{names.Time} desc, {created}e.{names.File} {way}, e.{names.Row} {way}) as {names.Rank}\n"
            + $"  from {rows} r join {Events} e on {Match()}{alive}) ranked\n  where {names.Rank} = 1";
    }

    private string Windows(string rows)
    {
        var features = view.Features.Select(f => $"{Aggregate(FeatureOf(f))} as {words.Quote(f.Column)}");
        var longest = view.Features.Max(f => FeatureOf(f).Aggregation?.Window ?? TimeSpan.Zero);
        return $"select r.{names.File}, r.{names.Row},\n    {string.Join(",\n    ", features)}\n"
            + $"  from {rows} r join {Events} e on {Match()} and {Within(longest)}\n  group by r.{names.File}, r.{names.Row}";
    }

    private string Match() => string.Join(" and ", view.Definition.Keys()
        .Select(k => $"e.{words.Quote(k.Column)} = r.{words.Quote(view.Keys[k.Name])}")
        .Append($"e.{names.Time} <= r.{names.Time}")
        .Concat(knownAt is { } at ? [$"e.{names.Created} <= {SqlWords.Number(at)}"] : System.Array.Empty<string>()));

    private string Aggregate(Feature feature)
    {
        var (function, window) = feature.Aggregation ?? throw new InvalidOperationException($"'{feature.Name}' is no aggregation.");
        var (within, column) = (Within(window), feature.Column is { } name ? $"e.{words.Quote(name)}" : "*");
        return function switch
        {
            AggregateFunction.Count => $"count({column}) filter (where {within})",
            AggregateFunction.Sum => words.Cast($"sum({column}) filter (where {within})", feature.Type),
            AggregateFunction.Mean => $"avg({column}) filter (where {within})",
            AggregateFunction.Min => Widened(feature, $"min({column}) filter (where {within})"),
            AggregateFunction.Max => Widened(feature, $"max({column}) filter (where {within})"),
            _ => Widened(feature, words.Last(column, within, Order())),
        };
    }

    /// <summary>The latest of a window last; an event that does not say when it was written comes before those that do.</summary>
    private string[] Order()
    {
        var sign = _from.Ties == TieRule.Last ? "" : "-";
        string[] created = _from.CreatedTime is null ? [] : [$"coalesce(e.{names.Created}, {SqlWords.Number(-long.MaxValue)})"];
        return [$"e.{names.Time}", .. created, $"{sign}e.{names.File}", $"{sign}e.{names.Row}"];
    }

    private string Value(Feature feature) => Widened(feature, $"e.{words.Quote(feature.Column ?? feature.Name)}");

    private string Widened(Feature feature, string value) =>
        words.Widened(value, TrainingSql.TypeOf(source, feature.Column ?? feature.Name), feature.Type);

    private string Within(TimeSpan window) => $"e.{names.Time} > r.{names.Time} - {Length(window)}";

    private string Microseconds(string column) => words.Microseconds(
        words.Quote(column), TrainingSql.TypeOf(source, column), _from.TimeZone, roundUp: true);

    private Feature FeatureOf(RecipeFeature feature) => view.Definition.Features.First(f => f.Name == feature.Feature);

    private static string Length(TimeSpan span) => SqlWords.Number(span.Ticks / TimeSpan.TicksPerMicrosecond);
}
