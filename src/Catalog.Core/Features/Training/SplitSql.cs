using System.Text;

namespace Catalog.Features.Training;

/// <summary>Writes which part a row belongs to.</summary>
internal static class SplitSql
{
    /// <param name="rule">Sound.</param>
    /// <param name="typeOf">Type of a column of the rows.</param>
    /// <param name="time">Of the row, in microseconds.</param>
    /// <returns>An expression of a row: the part's name, or null for a row of a gap or without a time.</returns>
    public static string Of(SplitRule rule, SqlWords words, Func<string, string> typeOf, string time)
    {
        var cases = rule.By == SplitBy.Hash ? ByHash(rule, words, typeOf) : ByTime(rule, words, time);
        return $"case{string.Concat(cases)} else {words.Literal(rule.Parts[^1].Name)} end";
    }

    private static IEnumerable<string> ByHash(SplitRule rule, SqlWords words, Func<string, string> typeOf)
    {
        var text = new StringBuilder(words.Literal(SqlWords.Number(rule.Seed)));
        foreach (var column in rule.Columns ?? [])
        {
            var value = words.Text(words.Quote(column), typeOf(column));
            text.Append(" || ").Append(words.Character(SplitChoice.Separator));
            text.Append(" || coalesce(").Append(value).Append(", ").Append(words.Character(SplitChoice.Null)).Append(')');
        }

        var hash = words.Hash(text.ToString());
        return new SplitChoice(rule).Ends.Zip(rule.Parts, (end, part) => $" when {hash} < '{end}' then {words.Literal(part.Name)}");
    }

    private static IEnumerable<string> ByTime(SplitRule rule, SqlWords words, string time)
    {
        yield return $" when {time} is null then null";
        var gap = (rule.Gap ?? TimeSpan.Zero).Ticks / TimeSpan.TicksPerMicrosecond;
        foreach (var part in rule.Parts.SkipLast(1))
        {
            var until = TrainingSql.Microseconds(part.Until ?? default);
            yield return $" when {time} < {SqlWords.Number(until)} then {words.Literal(part.Name)}";
            if (gap > 0)
                yield return $" when {time} < {SqlWords.Number(until + gap)} then null";
        }
    }
}
