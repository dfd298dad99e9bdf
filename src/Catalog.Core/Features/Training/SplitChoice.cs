using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Catalog.Features.Training;

/// <summary>
/// Tells which part a row belongs to. By hash, that is the SHA-256 of the seed and the values as texts, each behind U+001F and U+001E for
/// null: its first 16 digits are compared with where parts end, so that any engine can do the same.
/// </summary>
public sealed class SplitChoice
{
    public const char Separator = '\u001f';
    public const char Null = '\u001e';
    private readonly SplitRule _rule;
    private readonly ulong[] _ends;
    private readonly long[] _untils;
    private readonly long _gap;

    /// <param name="rule">Sound.</param>
    public SplitChoice(SplitRule rule)
    {
        _rule = rule;
        _ends = rule.By == SplitBy.Hash ? [.. EndsOf(rule)] : [];
        _untils = rule.By == SplitBy.Time ? [.. rule.Parts.Select(p => p.Until).OfType<DateTimeOffset>().Select(Microseconds)] : [];
        _gap = (rule.Gap ?? TimeSpan.Zero).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>Where each part but the last ends, as the first 16 hexadecimal digits of a hash that no longer belongs to it.</summary>
    public IReadOnlyList<string> Ends => [.. _ends.Select(e => e.ToString("x16", CultureInfo.InvariantCulture))];

    /// <summary>The part of a row by the texts of its columns.</summary>
    /// <param name="values">In the order of the rule's columns.</param>
    public int OfHash(IEnumerable<string?> values)
    {
        var text = new StringBuilder(_rule.Seed.ToString(CultureInfo.InvariantCulture));
        foreach (var value in values)
            text.Append(Separator).Append(value ?? Null.ToString());
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
        var place = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash);
        var part = Array.FindIndex(_ends, end => place < end);
        return part < 0 ? _rule.Parts.Count - 1 : part;
    }

    /// <summary>The part of a row by its time; null for one in a gap, or without a time.</summary>
    /// <param name="time">Microseconds since 1970; <see cref="long.MinValue"/> for none.</param>
    public int? OfTime(long time)
    {
        if (time == long.MinValue)
            return null;
        var part = Array.FindIndex(_untils, until => time < until);
        part = part < 0 ? _untils.Length : part;
        return part > 0 && time < _untils[part - 1] + _gap ? null : part;
    }

    private static IEnumerable<ulong> EndsOf(SplitRule rule)
    {
        var share = 0m;
        foreach (var part in rule.Parts.SkipLast(1))
            yield return (ulong)((share += part.Share ?? 0) * 18446744073709551616m);
    }

    private static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
