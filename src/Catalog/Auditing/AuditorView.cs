namespace Catalog.Auditing;

/// <summary>A view that auditors may read.</summary>
/// <param name="Name">With its schema.</param>
/// <param name="Query">What it shows.</param>
internal sealed record AuditorView(string Name, string Query)
{
    /// <summary>
    /// As it is made: what a query brings along, such as a function that tells what it is given, comes after what the view hides.
    /// </summary>
    public string Definition => $"{Barrier} {Query}";

    /// <summary>Before the query of a view that hides rows.</summary>
    public const string Barrier = "with (security_barrier) as";

    /// <summary>Ticks (UTC) as a time; null for no end. The day and the rest apart, because a factor of an interval has 53 bits.</summary>
    public static string Time(string ticks) =>
        $"""
        case when {ticks} < 3155378976000000000 then
                (timestamp '0001-01-01' + ({ticks} / 864000000000) * interval '1 day'
                    + (({ticks} % 864000000000) / 10) * interval '1 microsecond') at time zone 'UTC' end
        """;

    /// <summary>When the fact at a position was recorded.</summary>
    public static string RecordedAt(string position) =>
        $"(select fact.timestamp from {Platform.Store.CatalogStore.Schema}.mt_events fact where fact.seq_id = {position})";

    /// <summary>A member of a page that is a time.</summary>
    public static string Moment(string member) => $"(data->>'{member}')::timestamptz";

    /// <summary>A member of a page that is a whole number.</summary>
    public static string Number(string member) => $"(data->>'{member}')::bigint";

    /// <summary>A member of a page that is a list of texts.</summary>
    public static string Texts(string member) => $"array(select jsonb_array_elements_text(data->'{member}'))";
}
