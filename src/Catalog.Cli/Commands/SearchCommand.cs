using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Sdk;
using Catalog.Search;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog search …</c>: finds things by words, what fits best first.</summary>
internal static class SearchCommand
{
    /// <summary>Whoever looks further is better served by more words.</summary>
    private const int Most = 20;

    public static Command Create()
    {
        var words = new Argument<string[]>("words")
        {
            Description = "Words of names, columns, tags, owners or descriptions; beginnings and slips are understood",
            Arity = ArgumentArity.OneOrMore,
        };
        var kind = SharedOptions.Choice<SearchKind>("--kind", "Only such things");
        var ns = new Option<string?>("--namespace") { Description = "Only this namespace; runs are in their job's" };
        var tag = new Option<string?>("--tag") { Description = "Only what has this tag, or a column that has it" };
        var owner = new Option<string?>("--owner") { Description = "Only what this one owns" };
        var limit = SharedOptions.Limit();
        limit.Description = $"Print at most this many; {Most} unless told";
        var command = new Command("search", "Searches names, columns, tags, owners and descriptions")
        {
            words, kind, ns, tag, owner, limit,
        };
        return command.WithConnection().Does((call, ct) =>
        {
            var most = call.Value(limit) ?? Most;
            var options = new SearchOptions
            {
                Kind = call.Value(kind),
                Namespace = call.Value(ns),
                Tag = call.Value(tag),
                Owner = call.Value(owner),
                PageSize = DatasetCommand.PageSize(most),
            };
            return call.Screen.ListAsync(
                call.Catalog.SearchAsync(string.Join(' ', call.Required(words)), options, ct),
                most,
                ct,
                new("FOUND", r => r.Node.ToString()),
                new("OWNER", r => r.Owner),
                new("BY", Matches),
                new("", r => r.Retired ? "retired" : ""),
                new("SCORE", r => Plain.Number(r.Score), PipesOnly: true));
        });
    }

    /// <summary>What else than the name holds the words; that is seen.</summary>
    private static string Matches(SearchResult result) => string.Join("; ", result.Matches
        .GroupBy(m => m.In)
        .Where(of => of.Key is not SearchField.Name)
        .Select(of => $"{of.Key.ToString().ToLowerInvariant()} {string.Join(", ", of.Select(m => m.Text))}"));
}
