using System.Runtime.CompilerServices;
using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>Says beside the output what policies do not show, so that nobody takes what is shown for all there is.</summary>
internal static class NotShown
{
    /// <param name="terminal">Whose errors it goes to.</param>
    /// <param name="masked">Masks by column.</param>
    /// <param name="filtered">Whether rows are left out.</param>
    public static void Tell(Terminal terminal, IEnumerable<KeyValuePair<string, string>> masked, bool filtered)
    {
        var columns = masked.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key} ({m.Value})").ToList();
        if (columns.Count > 0)
            terminal.Error.WriteLine($"Masked for you: {string.Join(", ", columns)}.");
        if (filtered)
            terminal.Error.WriteLine("Rows that you may not see are left out.");
    }

    /// <summary>The same files; says with the first what they show, where that is not all of the version.</summary>
    public static async IAsyncEnumerable<T> TellAsync<T>(
        Terminal terminal, IAsyncEnumerable<T> files, Func<T, FilesProjection?> projectionOf, [EnumeratorCancellation] CancellationToken ct)
    {
        var told = false;
        await foreach (var file in files.WithCancellation(ct))
        {
            if (!told && projectionOf(file) is { } projection)
            {
                terminal.Error.WriteLine($"These are the files of the projection {projection.Hash}.");
                Tell(terminal, projection.Masked.Select(m => KeyValuePair.Create(m.Column, m.Mask)), projection.Filtered);
            }

            told = true;
            yield return file;
        }
    }
}
