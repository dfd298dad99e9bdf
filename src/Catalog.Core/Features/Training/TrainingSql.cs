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
    private readonly SqlNames _names;
    private readonly List<string> _steps = [];

    private TrainingSql(TrainingRecipe recipe, IReadOnlyList<SqlSource> sources, SqlDialect dialect)
    {
        (_recipe, _sources, _words) = (recipe, sources.ToDictionary(s => s.Version), SqlWords.Of(dialect));
        _names = new(sources.SelectMany(s => s.Schema.Columns.Select(c => c.Name))
            .Concat(recipe.Views.SelectMany(v => v.Features.Select(f => f.Column))));
    }

    /// <param name="recipe">What is made.</param>
    /// <param name="sources">All versions that the recipe names.</param>
    public static string Of(TrainingRecipe recipe, IReadOnlyList<SqlSource> sources, SqlDialect dialect) =>
        new TrainingSql(recipe, sources, dialect).Write();

    internal static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    internal static string TypeOf(TableSchema schema, string column) => schema.Columns.FirstOrDefault(c => c.Name == column)?.Type ?? "";

    private string Write()
    {
        Rows();
        ViewSql[] views = [.. _recipe.Views.Select(View)];
        var about = $"-- {string.Join(", ", _recipe.Views.Select(v => v.View.ToString()).Prepend(_recipe.Rows.Dataset.ToString()))}\n";
        var settings = string.Concat(_words.Settings.Select(s => $"-- {s}\n"));
        return $"{about}{settings}with\n{string.Join(",\n", _steps)}\n{Selected(views)}\n";
    }

    private void Rows()
    {
        var rows = _recipe.Rows;
        var source = _sources[rows.Dataset];
        var columns = Kept(source).Append(rows.EventTime).Concat(_recipe.Views.SelectMany(v => v.Keys.Values))
            .Concat(_recipe.Splits?.Columns ?? []).Distinct(StringComparer.Ordinal);
        var time = _words.Microseconds(_words.Quote(rows.EventTime), TypeOf(source.Schema, rows.EventTime), rows.TimeZone, roundUp: false);
        Step("source_rows", Files(source, columns, rows.Filter is { } filter ? SqlFilter.Of(filter, _words) : null));
        if (_recipe.Splits is not { } splits)
        {
            Step("entity_rows", $"select *, {time} as {_names.Time} from source_rows");
            return;
        }

        var part = SplitSql.Of(splits, _words, c => TypeOf(source.Schema, c), _names.Time);
        Step("timed_rows", $"select *, {time} as {_names.Time} from source_rows");
        Step(
            "entity_rows",
            $"select * from (select *, {part} as {_names.Part} from timed_rows) parted where {_names.Part} is not null");
    }

    private ViewSql View(RecipeView view, int number)
    {
        var source = _sources[view.Source];
        var knownAt = _recipe.KnownAt is { } at ? Microseconds(at) : default(long?);
        var sql = new ViewSql(view, number, source.Schema, knownAt, _words, _names);
        Step($"source_{number}", Files(source, sql.Columns(), filter: null));
        Step(sql.Events, sql.EventsOf($"source_{number}"));
        Step(sql.Name, sql.Rows("entity_rows"));
        return sql;
    }

    private string Selected(IReadOnlyList<ViewSql> views)
    {
        var columns = Kept(_sources[_recipe.Rows.Dataset]).Select(c => $"r.{_words.Quote(c)}").Concat(views.SelectMany(v => v.Features()));
        if (_recipe.Splits is not null)
            columns = columns.Append($"r.{_names.Part} as {_words.Quote(SplitRule.Column)}");
        var joins = views.Select(v =>
            $"\n  left join {v.Name} on {v.Name}.{_names.File} = r.{_names.File} and {v.Name}.{_names.Row} = r.{_names.Row}");
        return $"select {string.Join(", ", columns)}\n  from entity_rows r{string.Concat(joins)}\n"
            + $"  order by r.{_names.File}, r.{_names.Row}";
    }

    private IEnumerable<string> Kept(SqlSource rows) =>
        (_recipe.Rows.Columns ?? rows.Schema.Columns.Select(c => c.Name)).Distinct(StringComparer.Ordinal);

    private string Files(SqlSource source, IEnumerable<string> columns, string? filter)
    {
        var chosen = string.Join(", ", columns.Select(_words.Quote));
        var where = filter is null ? "" : $" where {filter}";
        return string.Join("\n  union all ", source.Locations.Select((location, i) =>
            $"select {i} as {_names.File}, {_words.RowNumber} as {_names.Row}, {chosen} from {_words.File(location)}{where}"));
    }

    private void Step(string name, string select) => _steps.Add($"{name} as (\n  {select})");

}
