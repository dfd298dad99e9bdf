using System.Globalization;

namespace Catalog.Access.Policies;

/// <summary>Looks through all permissions for those that fail at one clause.</summary>
internal static class NearMisses
{
    private const int Most = 20;

    /// <param name="full">Also those that fail by principal or resource, which tell what others may do, or what there is.</param>
    public static IReadOnlyList<NearMiss> Of(
        IEnumerable<ParsedStatement> statements, AccessRequest request, Closure who, ResourceView resource, DateTimeOffset now,
        bool full) =>
    [
        .. from statement in statements
           where statement.Effect == Effect.Allow
           let failed = Failed(statement, request, who, resource, now).Take(2).ToList()
           where failed.Count == 1 && (full || failed[0].Clause is not ("principals" or "resources"))
           orderby statement.Text.Id
           select new NearMiss(statement.Text.Id, failed[0].Clause, failed[0].Detail),
    ];

    private static IEnumerable<(string Clause, string Detail)> Failed(
        ParsedStatement statement, AccessRequest request, Closure who, ResourceView resource, DateTimeOffset now)
    {
        var text = statement.Text;
        if (!statement.IsOfPrincipal(who))
            yield return ("principals", $"it means {List(text.Principals)}, and not {who.Principal}");
        if (!statement.IsOfAct(request.Act))
            yield return ("actions", $"it allows {List(text.Actions)}, and {Acts.Write(request.Act)} was asked for");
        if (!statement.IsAt(resource.Chain))
            yield return ("resources", $"it is about {List(text.Resources)}");
        if (!statement.HasTags(resource.Tags, TagSet.Empty))
            yield return ("tags", $"it is about what bears {text.Tags}, and this bears {List([.. resource.Tags.Tags])}");
        if (!statement.IsFor(request.Purpose))
            yield return ("purposes", $"it is for {List(text.Purposes)}, and {Declared(request.Purpose)}");
        if (text.NotBefore > now)
            yield return ("notBefore", $"it begins at {Time(text.NotBefore)}");
        if (text.Expires <= now)
            yield return ("expires", $"it ended at {Time(text.Expires)}");
        var facts = new ConditionFacts(
            who.Principal, who.Attributes, who.Groups, request.Resource, resource.Tags, TagSet.Empty, request.Purpose, now,
            request.Address);
        if (!statement.IsMet(facts))
            yield return ("when", $"it counts only when {text.When}");
    }

    private static string Declared(Purpose? purpose) => purpose is { } one ? $"{Purposes.Write(one)} was declared" : "none was declared";

    private static string List(IReadOnlyList<string> words) => words.Count switch
    {
        0 => "nothing",
        <= Most => string.Join(", ", words),
        _ => $"{string.Join(", ", words.Take(Most))} and {words.Count - Most} more",
    };

    private static string Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture) ?? "";
}
