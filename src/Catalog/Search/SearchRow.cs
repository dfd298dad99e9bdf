using System.Text.Json;
using Catalog.Platform.Store;

namespace Catalog.Search;

/// <summary>A row of <see cref="SearchTables.Entries"/>, as an entry has it.</summary>
/// <param name="Exact">Its name, its namespace and name, each joined, and its node.</param>
/// <param name="NameWords">A <c>tsvector</c>. An index of weights there is not, and names are asked first.</param>
/// <param name="Words">A <c>tsvector</c>: A of the name, B of tags and columns, C of the namespace, D of owners and descriptions.</param>
/// <param name="Dictionary">Words that others may mean when they mistype them.</param>
internal sealed record SearchRow(
    string Node,
    string Kind,
    string Namespace,
    string Name,
    string Owners,
    string Tags,
    string Exact,
    string NameWords,
    string Words,
    bool Retired,
    byte[]? OwnersBody,
    byte[]? DescriptionBody,
    string State,
    IReadOnlyCollection<string> Dictionary)
{
    /// <summary>Nobody mistypes shorter words beyond recognition.</summary>
    private const int ShortestInDictionary = 3;

    public static SearchRow Of(SearchEntry entry)
    {
        var isRun = entry.Kind is SearchKind.Run;
        string[] name = isRun ? [SearchWords.Joined(entry.Node.Name)] : [.. SearchWords.OfName(entry.Node.Name)];
        string[] about = [.. entry.AllTags.Concat(entry.AllColumns)];
        var (names, all) = (new SearchVector(), new SearchVector());
        names.Add('A', name);
        all.Add('A', name);
        all.Add('B', about.SelectMany(SearchWords.OfName));
        all.Add('C', SearchWords.OfName(entry.Namespace));
        all.Add('D', entry.Owners.Concat(entry.Descriptions).SelectMany(SearchWords.Of));
        var node = entry.Node.ToString();
        return new SearchRow(
            node,
            Word(entry.Kind),
            entry.Namespace,
            entry.Node.Name,
            SearchTables.Join(entry.Owners),
            SearchTables.Join(entry.AllTags),
            SearchTables.Join([SearchWords.Joined(entry.Node.Name), SearchWords.Joined($"{entry.Node.Namespace} {entry.Node.Name}"), node]),
            names.ToString(),
            all.ToString(),
            entry.Retired,
            entry.ToldOwners?.Body,
            entry.ToldDescription?.Body,
            JsonSerializer.Serialize(entry, CatalogStore.Json),
            [.. (isRun ? about : about.Prepend(entry.Node.Name)).SelectMany(SearchWords.Of).Where(IsMistyped).Distinct()]);
    }

    /// <summary>Nobody finds a number by a number that is nearly it.</summary>
    private static bool IsMistyped(string word) => word.Length >= ShortestInDictionary && word.Any(char.IsLetter);

    public static string Word(SearchKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Whether searches answer alike for both: only stamps and the like differ.</summary>
    public bool IsFoundLike(SearchRow other) =>
        (Namespace, Owners, Tags, Words, Retired) == (other.Namespace, other.Owners, other.Tags, other.Words, other.Retired);
}
