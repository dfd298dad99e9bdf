using System.Globalization;
using System.Runtime.InteropServices;
using Catalog.Lineage;

namespace Catalog.Sdk;

/// <summary>When, along what, how far, and what of it to show. What is left null is the server's default.</summary>
public sealed record LineageOptions
{
    /// <summary>Versions and runs (the default), datasets and jobs, or columns. Impact and comparisons are always about versions.</summary>
    public LineageGranularity? Granularity { get; init; }

    /// <summary>Steps at most.</summary>
    public int? Depth { get; init; }

    /// <summary>Nodes at most, of a walk or an impact.</summary>
    public int? Limit { get; init; }

    /// <summary>What was known then; null for all that is known.</summary>
    public AsOf? AsOf { get; init; }

    /// <summary>What held then; null for what holds without an end in sight.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Of a walk: show nodes of these kinds only; empty for all.</summary>
    public IReadOnlyList<NodeKind> Kinds { get; init; } = [];

    /// <summary>Of a walk: show nodes in these namespaces only; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Of a walk: show datasets and runs with one of these tags only; empty for all.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>A past state of what is known: up to a log position, or to what had been recorded by a time.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AsOf
{
    private readonly long _position;
    private readonly DateTimeOffset? _time;

    /// <summary>What the log holds up to a position.</summary>
    public AsOf(long position) => _position = position;

    /// <summary>What had been recorded by a time.</summary>
    public AsOf(DateTimeOffset time) => _time = time;

    public static implicit operator AsOf(long position) => new(position);

    public static implicit operator AsOf(DateTimeOffset time) => new(time);

    /// <summary>Null where a time is meant.</summary>
    internal long? Position => _time is null ? _position : null;

    /// <summary>Null where a position is meant.</summary>
    internal DateTimeOffset? Time => _time;

    /// <summary>As a query has it: the position, or the time in UTC (RFC 3339).</summary>
    public override string ToString() => _time is { } time ? Text(time) : _position.ToString(CultureInfo.InvariantCulture);

    internal static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
