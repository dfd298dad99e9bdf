using System.Globalization;

namespace Catalog.Sdk;

/// <summary>
/// Keys that features are wanted of: a column for each part of the key, with a value for each row. Numbers, texts, bools, dates, times,
/// ids and bytes are given as they are; null matches nothing.
/// </summary>
public sealed class FeatureKeys
{
    private readonly Dictionary<string, IReadOnlyList<object?>> _columns = new(StringComparer.Ordinal);

    /// <summary>The key of one row: <c>FeatureKeys.Of(("airport", "ATL"), ("hour", 7))</c>.</summary>
    public static FeatureKeys Of(params IEnumerable<(string Key, object? Value)> parts)
    {
        var keys = new FeatureKeys();
        foreach (var (key, value) in parts)
            keys.Add<object?>(key, [value]);
        return keys;
    }

    /// <summary>Adds a column of one row.</summary>
    /// <exception cref="ArgumentException">The column is there, or the others have other rows.</exception>
    public FeatureKeys Add(string key, string value) => Add<string>(key, [value]);

    /// <summary>Adds a column: <c>new FeatureKeys().Add("airport", ["ATL", "JFK"])</c>.</summary>
    /// <exception cref="ArgumentException">The column is there, or has not as many rows as the others.</exception>
    public FeatureKeys Add<T>(string key, IEnumerable<T> values)
    {
        IReadOnlyList<object?> column = [.. values.Select(v => Written(v))];
        if (_columns.Count > 0 && column.Count != Rows)
            throw new ArgumentException($"'{key}' has {column.Count} values, and the columns before have {Rows}.", nameof(values));
        if (!_columns.TryAdd(key, column))
            throw new ArgumentException($"'{key}' is there already.", nameof(key));
        return this;
    }

    /// <summary>How many rows there are.</summary>
    public int Rows => _columns.Count == 0 ? 0 : _columns.Values.First().Count;

    internal IReadOnlyDictionary<string, IReadOnlyList<object?>> Columns => _columns;

    /// <summary>The key of one row, of those there are.</summary>
    internal IReadOnlyDictionary<string, object?> Row(int row) =>
        _columns.ToDictionary(c => c.Key, c => c.Value[row], StringComparer.Ordinal);

    /// <summary>As the door reads it.</summary>
    internal static object? Written(object? value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        Guid id => id.ToString("D"),
        _ => value,
    };
}
