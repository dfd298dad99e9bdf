using Catalog.Storage.Columnar;

namespace Catalog.Cli.Demo;

/// <param name="Flights">How many left.</param>
/// <param name="MeanDelay">Minutes.</param>
/// <param name="LateShare">Share that was delayed, 0 to 1.</param>
internal sealed record AirportRecord(long Flights, double MeanDelay, double LateShare);

/// <summary>How punctual flights from each airport were.</summary>
internal sealed class OriginDelays
{
    private readonly SortedDictionary<string, AirportRecord> _airports;
    private readonly AirportRecord _unknown;

    private OriginDelays(IEnumerable<KeyValuePair<string, AirportRecord>> airports)
    {
        _airports = new(airports.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
        var flights = Math.Max(1, _airports.Values.Sum(a => a.Flights));
        _unknown = new AirportRecord(
            0, _airports.Values.Sum(a => a.MeanDelay * a.Flights) / flights, _airports.Values.Sum(a => a.LateShare * a.Flights) / flights);
    }

    public int Airports => _airports.Count;

    /// <summary>An airport without a record of its own is taken for an average one.</summary>
    public AirportRecord this[string airport] => _airports.GetValueOrDefault(airport, _unknown);

    public static OriginDelays Compute(IEnumerable<Flight> flights) => new(
        flights.GroupBy(f => f.Origin, StringComparer.Ordinal).Select(g => KeyValuePair.Create(
            g.Key, new AirportRecord(g.Count(), g.Average(f => (double)f.Delay), g.Average(f => f.IsLate ? 1.0 : 0.0)))));

    public static OriginDelays Of(Table table)
    {
        var origin = table.Column<string>("origin");
        var flights = table.Column<long>("flights");
        var mean = table.Column<double>("mean_delay");
        var late = table.Column<double>("late_share");
        return new(Enumerable.Range(0, table.Rows)
            .Select(i => KeyValuePair.Create(origin[i], new AirportRecord(flights[i], mean[i], late[i]))));
    }

    public Table ToTable() => new(
        TableColumn.Of("origin", _airports.Keys.ToArray()),
        TableColumn.Of("flights", _airports.Values.Select(a => a.Flights).ToArray()),
        TableColumn.Of("mean_delay", _airports.Values.Select(a => a.MeanDelay).ToArray()),
        TableColumn.Of("late_share", _airports.Values.Select(a => a.LateShare).ToArray()));
}
