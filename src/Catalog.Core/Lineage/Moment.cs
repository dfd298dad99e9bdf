using System.Runtime.InteropServices;

namespace Catalog.Lineage;

/// <summary>
/// The two times of a question: what was known when, and what held when. Both ends of every edge are judged by them.
/// </summary>
/// <param name="AsOf">Log position: facts behind it are as if they had not been heard of. <see cref="long.MaxValue"/> for all that is
/// known.</param>
/// <param name="At">Time in ticks (UTC): what held then. <see cref="long.MaxValue"/> for what holds without an end in sight.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Moment(long AsOf, long At)
{
    /// <summary>All that is known, of what holds now.</summary>
    public static Moment Latest { get; } = new(long.MaxValue, long.MaxValue);

    /// <param name="asOf">Log position; null for all that is known.</param>
    /// <param name="at">Null for what holds without an end in sight.</param>
    public static Moment Of(long? asOf, DateTimeOffset? at) => new(asOf ?? long.MaxValue, at?.UtcTicks ?? long.MaxValue);
}

/// <summary>When an edge held: from a time on, up to but not including another; both in ticks (UTC).</summary>
/// <param name="From">The first moment.</param>
/// <param name="To">The first moment after; <see cref="long.MaxValue"/> for no end.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Held(long From, long To)
{
    /// <summary>From a moment on, without an end.</summary>
    public static Held Since(long from) => new(from, long.MaxValue);

    public bool Includes(long at) => From <= at && (at < To || To == long.MaxValue);
}
