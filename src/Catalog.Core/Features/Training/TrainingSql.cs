using System.Globalization;
using System.Text;
using Catalog.Schemas;

namespace Catalog.Features.Training;

/// <summary>A version whose files an engine reads.</summary>
/// <param name="Version">By number.</param>
/// <param name="Schema">Of its table.</param>
/// <param name="Locations">Of its files, in the order of the version, as the engine finds them.</param>
public sealed record SqlSource(NodeId Version, TableSchema Schema, IReadOnlyList<string> Locations);

/// <summary>
/// Writes the join of a recipe as one SQL statement, for engines that run on many machines. Ties are decided as we decide them, by
/// numbering candidates; an ASOF join would not. Sums of floating-point numbers are the engine's, which rounds as it goes: the last
/// digits may differ.
/// </summary>
public sealed class TrainingSql
{
    private readonly TrainingRecipe _recipe;
    private readonly IReadOnlyDictionary<NodeId, SqlSource> _sources;
    private readonly SqlWords _words;
    private readonly StringBuilder _sql = new();

    private TrainingSql(TrainingRecipe recipe, IEnumerable<SqlSource> sources, SqlDialect dialect) =>
        (_recipe, _sources, _words) = (recipe, sources.ToDictionary(s => s.Version), SqlWords.Of(dialect));

    /// <param name="recipe">What is made.</param>
    /// <param name="sources">All versions that the recipe names.</param>
    public static string Of(TrainingRecipe recipe, IEnumerable<SqlSource> sources, SqlDialect dialect) =>
        new TrainingSql(recipe, sources, dialect).Write();

    private string Write()
    {
        _sql.Append(CultureInfo.InvariantCulture, $"-- {_recipe.Rows.Dataset} with {string.Join(", ", _recipe.Views.Select(v => v.View))}\n");
        _sql.Append("with\n");
        Rows();
        foreach (var (view, number) in _recipe.Views.Select((v, i) => (v, i)))
            View(view, number);
        Select();
        return _sql.ToString();
    }

    private void Rows()
    {
        var source = _sources[_recipe.Rows.Dataset];
        var time = Micros("s", _recipe.Rows.EventTime, source, _recipe.Rows.TimeZone, roundUp: false);
        Line($"all_rows as ({Files(source)}),");
        Line(
            $"entity_rows as (select s.*, {time} as row_time from all_rows s"
            + $"{(_recipe.Rows.Filter is { } filter ? $" where {Filter(filter)}" : "")}),");
    }

    private void View(RecipeView view, int number)
    {
        var source = _sources[view.Source];
        var from = view.Definition.Source;
        var keys = view.Definition.Keys().ToList();
        var created = from.CreatedTime is { } c ? Micros("s", c, source, from.TimeZone, roundUp: true) : "cast(null as bigint)";
        Line($"source_{number} as ({Files(source)}),");
        Line(
            $"events_{number} as (select s.*, {Micros("s", from.EventTime, source, from.TimeZone, roundUp: true)} as event_time, "
            + $"{created} as created_time from source_{number} s),");
        var match = string.Join(" and ", keys.Select(k => $"e.{Q(k.Column)} = r.{Q(view.Keys[k.Name])}")
            .Append("e.event_time <= r.row_time")
            .Concat(KnownAt()));
        if (view.Definition.IsAggregated())
            Windows(view, number, match);
        else
            Latest(view, number, match);
    }

    /// <summary>Candidates of each row are numbered, the one that holds first.</summary>
    private void Latest(RecipeView view, int number, string match)
    {
        var sign = view.Definition.Source.Ties == TieRule.Last ? "desc" : "asc";
        var alive = view.Definition.TimeToLive is { } ttl ? $" and e.event_time >= r.row_time - {Number(ttl)}" : "";
        var columns = string.Join(", ", view.Features.Select(f => $"e.{Q(ColumnOf(view, f))} as {Q(f.Column)}"));
        Line(
            $"view_{number} as (select * from (select r.file_number, r.file_row, {columns}, row_number() over (partition by r.file_number, "
            + "r.file_row order by e.event_time desc, e.created_time desc nulls last, "
            + $"e.file_number {sign}, e.file_row {sign}) as candidate from entity_rows r join events_{number} e on {match}{alive}) c "
            + "where candidate = 1),");
    }

    private void Windows(RecipeView view, int number, string match)
    {
        var sign = view.Definition.Source.Ties == TieRule.Last ? "" : "-";
        string[] order = ["e.event_time", $"coalesce(e.created_time, {long.MinValue + 1})", $"{sign}e.file_number", $"{sign}e.file_row"];
        var longest = view.Definition.Features.Max(f => f.Aggregation?.Window ?? TimeSpan.Zero);
        var features = string.Join(", ", view.Features.Select(f =>
        {
            var feature = view.Definition.Features.First(d => d.Name == f.Feature);
            var aggregation = feature.Aggregation ?? throw new InvalidOperationException($"'{feature.Name}' is no aggregation.");
            return $"{Aggregate(feature, aggregation, order)} as {Q(f.Column)}";
        }));
        Line(
            $"view_{number} as (select r.file_number, r.file_row, {features} from entity_rows r join events_{number} e on {match} "
            + $"and e.event_time > r.row_time - {Number(longest)} group by r.file_number, r.file_row),");
    }

    private string Aggregate(Feature feature, Aggregation aggregation, IReadOnlyList<string> order)
    {
        var within = $"e.event_time > r.row_time - {Number(aggregation.Window)}";
        var column = feature.Column is { } name ? $"e.{Q(name)}" : "*";
        return aggregation.Function switch
        {
            AggregateFunction.Count => $"count({column}) filter (where {within})",
            AggregateFunction.Sum => $"cast(sum({column}) filter (where {within}) as {Type(feature.Type)})",
            AggregateFunction.Mean => $"avg({column}) filter (where {within})",
            AggregateFunction.Min => $"min({column}) filter (where {within})",
            AggregateFunction.Max => $"max({column}) filter (where {within})",
            _ => _words.Last(column, within, order),
        };
    }

    private void Select()
    {
        var kept = (_recipe.Rows.Columns ?? [.. _sources[_recipe.Rows.Dataset].Schema.Columns.Select(c => c.Name)])
            .Distinct(StringComparer.Ordinal).Select(c => $"r.{Q(c)}");
        var features = _recipe.Views.SelectMany((v, i) => v.Features.Select(f => Feature(v, f, i)));
        var joins = string.Concat(_recipe.Views.Select((_, i) =>
            $"\n  left join view_{i} on view_{i}.file_number = r.file_number and view_{i}.file_row = r.file_row"));
        var split = _recipe.Splits is { } rule ? Split(rule) : null;
        Line(
            $"joined as (select {string.Join(", ", kept.Concat(features))}{(split is null ? "" : $", {split} as {Q(SplitRule.Column)}")}, "
            + $"r.file_number as row_file, r.file_row as row_place\n  from entity_rows r{joins})");
        Line($"select * from joined{(split is null ? "" : $" where {Q(SplitRule.Column)} is not null")} order by row_file, row_place");
    }

    /// <summary>A row without events has no group: its counts are 0.</summary>
    private string Feature(RecipeView view, RecipeFeature feature, int number)
    {
        var column = $"view_{number}.{Q(feature.Column)}";
        var counts = view.Definition.Features.First(d => d.Name == feature.Feature).Aggregation?.Function == AggregateFunction.Count;
        return $"{(counts ? $"coalesce({column}, 0)" : column)} as {Q(feature.Column)}";
    }

    private string Split(SplitRule rule)
    {
        var choice = new SplitChoice(rule);
        var cases = new StringBuilder("case");
        if (rule.By == SplitBy.Hash)
        {
            var text = string.Join(" || ", (rule.Columns ?? []).Select(c =>
                $"{_words.Character(SplitChoice.Separator)} || coalesce(cast(r.{Q(c)} as {_words.Text}), {_words.Character(SplitChoice.Null)})"));
            var hash = _words.Hash($"'{rule.Seed.ToString(CultureInfo.InvariantCulture)}' || {text}");
            foreach (var (end, part) in choice.Ends.Zip(rule.Parts))
                cases.Append(CultureInfo.InvariantCulture, $" when {hash} < '{end}' then {SqlWords.Literal(part.Name)}");
            return cases.Append(CultureInfo.InvariantCulture, $" else {SqlWords.Literal(rule.Parts[^1].Name)} end").ToString();
        }

        cases.Append(" when r.row_time is null then null");
        foreach (var part in rule.Parts.SkipLast(1))
        {
            var until = Micros(part.Until ?? default);
            cases.Append(CultureInfo.InvariantCulture, $" when r.row_time < {until} then {SqlWords.Literal(part.Name)}");
            if (rule.Gap is { } gap)
                cases.Append(CultureInfo.InvariantCulture, $" when r.row_time < {until} + {Number(gap)} then null");
        }

        return cases.Append(CultureInfo.InvariantCulture, $" else {SqlWords.Literal(rule.Parts[^1].Name)} end").ToString();
    }

    private IEnumerable<string> KnownAt() => _recipe.KnownAt is { } at ? [$"e.created_time <= {Micros(at)}"] : [];

    private string Files(SqlSource source) => string.Join(
        "\n  union all ", source.Locations.Select((l, i) => $"select f.*, {i} as file_number from ({_words.FileRows(l)}) f"));

    private string Micros(string table, string column, SqlSource source, string? timeZone, bool roundUp) =>
        _words.Microseconds($"{table}.{Q(column)}", source.Schema.Find(column)?.Type ?? "timestamp(us,UTC)", timeZone, roundUp);

    /// <summary>Filters are SQL but for how Spark quotes names.</summary>
    private string Filter(string filter)
    {
        var text = new StringBuilder();
        for (var at = 0; at < filter.Length; at++)
        {
            if (filter[at] is not ('"' or '\''))
            {
                text.Append(filter[at]);
                continue;
            }

            var (quote, value) = (filter[at], new StringBuilder());
            for (at++; at < filter.Length && (filter[at] != quote || (at + 1 < filter.Length && filter[at + 1] == quote)); at++)
            {
                value.Append(filter[at]);
                at += filter[at] == quote ? 1 : 0;
            }

            text.Append(quote == '"' ? Q(value.ToString()) : SqlWords.Literal(value.ToString()));
        }

        return text.ToString();
    }

    private string ColumnOf(RecipeView view, RecipeFeature feature) =>
        view.Definition.Features.First(d => d.Name == feature.Feature).Column ?? feature.Feature;

    private static string Type(string type) => type == "int64" ? "bigint" : "double";

    private static string Number(TimeSpan span) => (span.Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture);

    private static string Micros(DateTimeOffset time) =>
        ((time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture);

    private string Q(string name) => _words.Quote(name);

    private void Line(string text) => _sql.Append(text).Append('\n');
}
