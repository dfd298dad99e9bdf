using Catalog.Access;
using Catalog.Storage.Files;

namespace Catalog.Usage;

/// <summary>Counts the reads of the request at hand.</summary>
internal sealed class Readings(UsageMeter meter, Caller caller)
{
    /// <summary>One more request for a version's data is answered.</summary>
    /// <param name="version">By number.</param>
    /// <param name="way">How it leaves.</param>
    public Reading Begin(NodeId version, UsageWay way)
    {
        var who = caller.Identity;
        var key = new UsageKey(
            Day: default, version.StreamId, version.VersionNumber ?? 0, who.Principal,
            who.Purpose is { } purpose ? Purposes.Write(purpose) : "", who.Run?.ToString() ?? "", way);
        meter.AddToday(key, requests: 1, bytes: 0);
        return new Reading(meter, key);
    }
}

/// <summary>One request's reading of stored bytes, which may go on after it was answered for. Safe for several threads.</summary>
internal sealed class Reading(UsageMeter meter, UsageKey key)
{
    public void Add(long bytes) => meter.AddToday(key, requests: 0, bytes);

    /// <summary>The stream, with what is read of it counted.</summary>
    public Stream Count(Stream stream) => new CountedStream(stream, read => Add(read));
}
