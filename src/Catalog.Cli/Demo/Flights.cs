using Catalog.Sdk;
using Catalog.Storage.Columnar;

namespace Catalog.Cli.Demo;

/// <param name="Date">When it left, local time, to the minute.</param>
/// <param name="Delay">Minutes late; negative when early.</param>
/// <param name="Distance">Miles.</param>
/// <param name="Origin">Airport, IATA code.</param>
/// <param name="Destination">Airport, IATA code.</param>
internal readonly record struct Flight(DateTime Date, int Delay, int Distance, string Origin, string Destination)
{
    /// <summary>A flight counts as delayed when it is more than this late, as the Bureau of Transportation Statistics counts.</summary>
    public const int LateAfterMinutes = 15;

    public bool IsLate => Delay > LateAfterMinutes;
}

/// <summary>The flights of a version, split by time: what is learned from, and later days to be tested on.</summary>
internal sealed record Flights(IReadOnlyList<Flight> Train, IReadOnlyList<Flight> Test, DateTime TestFrom)
{
    public const int TestDays = 7;

    public static async Task<Flights> ReadAsync(VersionReader version, CancellationToken ct)
    {
        var flights = new List<Flight>();
        await foreach (var file in version.Files(ct))
            flights.AddRange(Rows(await ReadTableAsync(version, file, ct)));

        return Split(flights);
    }

    /// <summary>Reads one Parquet file of a version over HTTP, checked against its hash.</summary>
    public static async Task<Table> ReadTableAsync(VersionReader version, VersionFile file, CancellationToken ct)
    {
        using var whole = new MemoryStream();
        await using (var bytes = await version.OpenAsync(file, ct))
            await bytes.CopyToAsync(whole, ct);

        return await TableReader.ReadAsync(whole, file.Path, ct);
    }

    public static Flights Split(IReadOnlyList<Flight> flights)
    {
        var testFrom = flights.Max(f => f.Date).Date.AddDays(1 - TestDays);
        return new Flights([.. flights.Where(f => f.Date < testFrom)], [.. flights.Where(f => f.Date >= testFrom)], testFrom);
    }

    private static IEnumerable<Flight> Rows(Table table)
    {
        var date = table.Column<DateTime>("date");
        var delay = table.Column<int>("delay");
        var distance = table.Column<int>("distance");
        var origin = table.Column<string>("origin");
        var destination = table.Column<string>("destination");
        return Enumerable.Range(0, table.Rows).Select(i => new Flight(date[i], delay[i], distance[i], origin[i], destination[i]));
    }
}
