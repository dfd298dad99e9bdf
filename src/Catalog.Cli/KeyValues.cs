namespace Catalog.Cli;

/// <summary>Reads <c>key=value</c> words.</summary>
internal static class KeyValues
{
    /// <exception cref="UsageException">A word has no <c>=</c>, or a key comes twice.</exception>
    public static Dictionary<string, string> Read(IEnumerable<string>? words)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words ?? [])
        {
            var at = word.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw new UsageException($"'{word}' is not key=value.");
            if (!values.TryAdd(word[..at], word[(at + 1)..]))
                throw new UsageException($"'{word[..at]}' is given twice.");
        }

        return values;
    }
}
