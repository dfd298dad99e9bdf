namespace Catalog.Access.Policies;

/// <summary>Reads the parts of one statement, and gathers what is wrong with them.</summary>
internal sealed class StatementReader(Statement text)
{
    private const string All = "*";
    private const int MaxId = 128;
    private const int MaxExpression = 4_096;

    private readonly List<StatementProblem> _problems = [];

    public IReadOnlyList<StatementProblem> Problems => _problems;

    private bool IsOfData => text.Effect is Effect.Mask or Effect.Filter;

    /// <summary>One bit an act.</summary>
    public uint ReadActs()
    {
        // What is masked and filtered is data that leaves, by whichever act.
        if (IsOfData)
        {
            if (text.Actions.Any(a => a != Acts.Write(Act.ReadData)))
                Wrong("actions", $"can only be read-data where the effect is {Effects.Write(text.Effect)}; leave it out.");
            return Bit(Act.ReadData) | Bit(Act.Export);
        }

        if (text.Actions.Count == 0)
            Wrong("actions", $"is needed: any of {Acts.List}, or '*' for all.");
        return text.Actions.Aggregate(0u, (bits, word) => bits | BitsOf(word));
    }

    public IReadOnlyList<ResourcePattern> ReadResources()
    {
        if (text.Resources.Count == 0)
            return [new(ResourcePlace.Root, Column: null)];
        var patterns = new List<ResourcePattern>();
        foreach (var resource in text.Resources)
        {
            if (!ResourcePattern.TryParse(resource, out var pattern, out var error))
                Wrong("resources", $"cannot be read: {error}");
            else if (pattern.Column is not null && text.Effect != Effect.Mask)
                Wrong("resources", $"'{resource}' is a column, which only a mask can name; to forbid a column, mask it with 'null'.");
            else
                patterns.Add(pattern);
        }

        return patterns;
    }

    public TagExpression? ReadTags() => Read("tags", text.Tags, TagExpression.Parse);

    public Condition? ReadWhen() => Read("when", text.When, Condition.Parse);

    public void CheckRest()
    {
        CheckId();
        if (text.Principals.Count == 0)
            Wrong("principals", "is needed: ids of principals, 'group:name', or '*' for everybody.");
        foreach (var group in text.Principals.Where(p => p.StartsWith(Closure.GroupPrefix, StringComparison.Ordinal)))
            CheckGroup(group);
        foreach (var purpose in text.Purposes.Where(p => !Purposes.TryParse(p, out _)))
            Wrong("purposes", $"knows no '{purpose}'; the purposes are {Purposes.List}.");
        if (text.NotBefore >= text.Expires)
            Wrong("expires", "must lie behind notBefore: it would never apply.");
        if (string.IsNullOrWhiteSpace(text.Reason))
            Wrong("reason", "is needed: a sentence that says why, for whoever is denied or lets it stand.");
        CheckOnly("mask", text.Mask is not null, Effect.Mask, $"one of {Masks.List}");
        CheckOnly("rows", text.Rows is not null, Effect.Filter, "what rows have to meet, such as: region = 'eu'");
        CheckOnly("require", text.Requires is not null, Effect.Require, "'approvals' with a number, or 'purpose'");
        if (text.Columns.Count > 0 && text.Effect != Effect.Mask)
            Wrong("columns", "can only be given where the effect is mask.");
        if (text.Mask is Mask.None)
            Wrong("mask", $"must be one of {Masks.List}.");
        if (text.Requires is { } required && required.Approvals > 0 == required.Purpose)
            Wrong("require", "must be either 'approvals' with a number from 1 to 16, or 'purpose'.");
        if (text.Requires?.Approvals is < 0 or > 16)
            Wrong("require", "can ask for 1 to 16 approvals.");
    }

    private void CheckGroup(string written)
    {
        if (!Names.TryDecode(written.AsSpan(Closure.GroupPrefix.Length), out var name, out _) || Names.Check(name) is not null)
            Wrong("principals", $"'{written}' is no group: write 'group:' and its name, encoded as parts of nodes are.");
        else if (Names.Encode(name) is var encoded && written != Closure.GroupPrefix + encoded)
            Wrong("principals", $"'{written}' is to be written '{Closure.GroupPrefix}{encoded}'.");
    }

    private void CheckId()
    {
        var isGood = text.Id.Length is > 0 and <= MaxId && char.IsAsciiLetterOrDigit(text.Id[0])
            && text.Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/');
        if (!isGood)
            Wrong("id", $"must have 1 to {MaxId} letters, digits and - _ . /, and begin with a letter or digit.");
    }

    private void CheckOnly(string field, bool isGiven, Effect effect, string what)
    {
        if (isGiven && text.Effect != effect)
            Wrong(field, $"can only be given where the effect is {Effects.Write(effect)}.");
        if (!isGiven && text.Effect == effect)
            Wrong(field, $"is needed where the effect is {Effects.Write(effect)}: {what}.");
    }

    private uint BitsOf(string word)
    {
        var isAgainst = text.Effect is Effect.Deny or Effect.Require;
        if (word == All)
            return Enum.GetValues<Act>().Where(a => !isAgainst || !Acts.OfGovernors.Contains(a)).Aggregate(0u, (all, a) => all | Bit(a));
        if (Acts.Read(word) is not { } act)
        {
            Wrong("actions", $"knows no '{word}'; there are {Acts.List}, and '*' for all.");
            return 0;
        }

        if (isAgainst && Acts.OfGovernors.Contains(act))
            Wrong("actions", $"'{word}' can be neither denied nor made to wait: whoever could set it right would be locked out.");
        return Bit(act);
    }

    private T? Read<T>(string field, string? expression, Func<string, T> parse)
        where T : class
    {
        if (expression is null)
            return null;
        if (expression.Length > MaxExpression)
        {
            Wrong(field, $"has {expression.Length} characters; {MaxExpression} at most are read.");
            return null;
        }

        try
        {
            return parse(expression);
        }
        catch (PolicyException e)
        {
            Wrong(field, $"cannot be read: {e.Message}");
            return null;
        }
    }

    private void Wrong(string field, string message) => _problems.Add(new(field, message));

    private static uint Bit(Act act) => 1u << (int)act;
}
