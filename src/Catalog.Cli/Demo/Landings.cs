using Catalog.Storage.Columnar;

namespace Catalog.Cli.Demo;

/// <summary>
/// Flights once it is known how late they were: events that features are made of. The data has no times of arrival, so they are reckoned.
/// </summary>
internal static class Landings
{
    private const double MilesPerMinute = 7.5;

    // To taxi, and because each airport's clock is its own: the clocks of two airports differ by six hours at most.
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(30) + TimeSpan.FromHours(6);

    /// <summary>When anybody can know how late a flight was, by the clock of the airport that it left.</summary>
    public static DateTime KnownAt(in Flight flight) =>
        flight.Date + TimeSpan.FromMinutes(Math.Ceiling(flight.Distance / MilesPerMinute)) + s_margin;

    public static Table Of(IReadOnlyList<Flight> flights) => new(
        TableColumn.Of("origin", flights.Select(f => f.Origin).ToArray()),
        TableColumn.Of("destination", flights.Select(f => f.Destination).ToArray()),
        TableColumn.Of("known", flights.Select(f => KnownAt(f)).ToArray()),
        TableColumn.Of("delay", flights.Select(f => f.Delay).ToArray()),
        TableColumn.Of("late", flights.Select(f => f.IsLate ? 1 : 0).ToArray()));
}
