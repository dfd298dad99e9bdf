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

/// <summary>The flights of a version.</summary>
internal static class Flights
{
    /// <summary>Reads the version's Parquet files over HTTP, each checked against its hash.</summary>
    public static async Task<IReadOnlyList<Flight>> ReadAsync(VersionReader version, CancellationToken ct)
    {
        var flights = new List<Flight>();
        await foreach (var file in version.Files(ct))
        {
            using var whole = new MemoryStream();
            await using (var bytes = await version.OpenAsync(file, ct))
                await bytes.CopyToAsync(whole, ct);
            flights.AddRange(Rows(await TableReader.ReadAsync(whole, file.Path, ct)));
        }

        return flights;
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
