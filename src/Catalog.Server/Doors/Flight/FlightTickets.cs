using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Hosting;

namespace Catalog.Server.Doors.Flight;

/// <summary>
/// Tickets say what they are good for: one shard of one version, for one principal, for a while. They are signed, so that nobody makes one
/// without the gate having been asked.
/// </summary>
internal sealed class FlightTickets(byte[] secret, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    private const int MaxBytes = 64 * 1024;

    private readonly byte[] _key = HMACSHA256.HashData(secret, "flight ticket"u8);

    public static FlightTickets Of(DataFolder data, TimeProvider clock) => new(SigningSecret.Of(data), clock);

    public byte[] Issue(FlightQuestion question, NodeId version, int shard, int batchRows, string principal)
    {
        var expires = (clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        var content = JsonSerializer.SerializeToUtf8Bytes(
            new Content(question with { Node = version.ToString() }, shard, batchRows, principal, expires));
        return [.. HMACSHA256.HashData(_key, content), .. content];
    }

    /// <exception cref="ProblemException">It was not signed here, is over, or is another's.</exception>
    public (FlightQuestion Question, int Shard, int BatchRows) Read(ReadOnlySpan<byte> ticket, string principal)
    {
        if (ticket.Length is <= HMACSHA256.HashSizeInBytes or > MaxBytes)
            throw Refused("is none that was issued here: ask GetFlightInfo for one");
        var signature = ticket[..HMACSHA256.HashSizeInBytes];
        var signed = ticket[HMACSHA256.HashSizeInBytes..];
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, signed), signature)
            || JsonSerializer.Deserialize<Content>(signed) is not { } content)
            throw Refused("is none that was issued here: ask GetFlightInfo for one");
        if (content.Expires <= clock.GetUtcNow().ToUnixTimeSeconds())
            throw Refused("is over: ask GetFlightInfo for another");
        return content.Principal == principal
            ? (content.Question, content.Shard, content.BatchRows)
            : throw Refused("was issued to somebody else: ask GetFlightInfo for one of your own");
    }

    private static ProblemException Refused(string why) => new(Problem.Of("access.denied", $"The ticket {why}."));

    private sealed record Content(FlightQuestion Question, int Shard, int BatchRows, string Principal, long Expires);
}
