using System.Text;
using System.Text.Json;
using Catalog.Lineage;
using Catalog.Lineage.OpenLineage;
using Npgsql;

namespace Catalog.Search;

/// <summary>
/// Reads owners and descriptions where they are, in the bodies of events: facts hold no free text. Of each thing only the newest that a
/// page of the log names is read.
/// </summary>
internal static class ToldTexts
{
    private const int MaxLength = 4_000;

    /// <summary>The texts of facets; none of those that were taken back or whose events were erased.</summary>
    public static async Task<IReadOnlyDictionary<ToldSource, IReadOnlyList<string>>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ToldSource> sources, CancellationToken ct)
    {
        var texts = sources.ToDictionary(s => s, _ => (IReadOnlyList<string>)[]);
        var wanted = sources.Where(s => !s.Deleted).ToLookup(s => s.Hash, StringComparer.Ordinal);
        if (wanted.Count == 0)
            return texts;
        await foreach (var (hash, body) in OpenLineageBodies.ReadAsync(connection, [.. wanted.Select(w => w.Key)], ct))
        {
            if (body is not { } bytes || !OpenLineageInterpreter.TryParse(bytes, out var document, out _))
                continue;
            using (document)
            {
                var facets = new EventFacets(document.RootElement);
                foreach (var source in wanted[hash])
                    texts[source] = Read(facets, source);
            }
        }

        return texts;
    }

    private static IReadOnlyList<string> Read(EventFacets facets, ToldSource source)
    {
        var facet = facets.Of(source.Node, source.Role).LastOrDefault(f => f.Name == source.Facet).Value;
        if (facet.ValueKind != JsonValueKind.Object)
            return [];
        var texts = source.Facet == ToldThings.Ownership ? Owners(facet) : [EventFacets.Text(facet, "description")];
        return [.. texts.OfType<string>().Select(Clean).Where(t => t.Length > 0)];
    }

    private static IEnumerable<string?> Owners(JsonElement facet) =>
        EventFacets.Items(facet, "owners").Select(owner => EventFacets.Text(owner, "name"));

    /// <summary>One line of text that any database takes, and not the whole of a book.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= MaxLength)
                break;
            clean.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return clean.ToString().Trim();
    }
}
