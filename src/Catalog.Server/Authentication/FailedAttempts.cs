using System.Net;
using System.Net.Sockets;
using Catalog.Platform;

namespace Catalog.Server.Authentication;

/// <summary>
/// Counts keys and tokens that opened nothing, by where they came from: whoever guesses gets few guesses a minute. An address is never
/// shut out: what opens goes on opening. Memory is bounded: where too many addresses fail at once, those that are new share one count.
/// </summary>
/// <remarks>
/// The framework's limiters go by the machine's clock and grow with the number of addresses until a timer looks at them; this one is held
/// to its bound by tests that set the clock.
/// </remarks>
internal sealed class FailedAttempts(TimeProvider clock)
{
    /// <summary>Failures from one address in one <see cref="Window"/> that are told what was wrong.</summary>
    public const int Most = 20;

    public const int MaxAddresses = 10_000;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Count> _counts = [];
    private long _sweptAt;

    /// <summary>Whether guesses from there are not looked at now: what to answer with instead; null when they are.</summary>
    public Problem? Refusal(IPAddress? from)
    {
        lock (_gate)
            return Current(PlaceOf(SourceOf(from))) is { Failures: >= Most } count ? TooMany(count) : null;
    }

    /// <summary>Counts a failure.</summary>
    /// <returns>What to answer with instead of the reason, after too many; null when the reason may be told.</returns>
    public Problem? Add(IPAddress? from)
    {
        lock (_gate)
        {
            var source = PlaceOf(SourceOf(from));
            var count = Current(source) ?? new Count(clock.GetTimestamp(), 0);
            if (count.Failures >= Most)
                return TooMany(count);
            _counts[source] = count with { Failures = count.Failures + 1 };
            return null;
        }
    }

    private Count? Current(IPAddress source) =>
        _counts.TryGetValue(source, out var count) && clock.GetElapsedTime(count.Since) < Window ? count : null;

    /// <summary>Where failures of a source are counted: by itself, if there is room.</summary>
    private IPAddress PlaceOf(IPAddress source)
    {
        if (_counts.ContainsKey(source) || _counts.Count < MaxAddresses)
            return source;
        if (clock.GetElapsedTime(_sweptAt) >= TimeSpan.FromSeconds(1))
        {
            _sweptAt = clock.GetTimestamp();
            foreach (var over in _counts.Where(c => clock.GetElapsedTime(c.Value.Since) >= Window).Select(c => c.Key).ToList())
                _counts.Remove(over);
        }

        return _counts.Count < MaxAddresses ? source : IPAddress.None;
    }

    /// <summary>One subscriber of IPv6 has the lower half of the address to choose from (RFC 6177).</summary>
    private static IPAddress SourceOf(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private Problem TooMany(Count count)
    {
        var wait = Window - clock.GetElapsedTime(count.Since);
        var problem = Problem.Of(
            "access.too_many_failures",
            "Too many requests came from this address with keys or tokens that open nothing; try again in "
            + $"{Math.Ceiling(wait.TotalSeconds):0} s.");
        return problem with { RetryAfter = wait };
    }

    private sealed record Count(long Since, int Failures);
}
