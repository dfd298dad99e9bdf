namespace Catalog.Access.Policies;

/// <summary>One question, with all that is known of who asks and what for, and how the statements that apply answer it.</summary>
internal sealed class Judgement(AccessRequest request, Closure who, ResourceView resource, PolicySet set, DateTimeOffset now)
{
    private readonly long _now = now.UtcTicks;
    private readonly ConditionFacts _facts = new(
        who.Principal, who.Attributes, who.Groups, request.Resource, resource.Tags, TagSet.Empty, request.Purpose, now, request.Address);

    /// <summary>Whether another request of the same kind can be answered otherwise, a moment later or from another address.</summary>
    public bool IsOfRequest { get; private set; }

    /// <param name="found">All that can apply; some may stand there more than once.</param>
    public AccessDecision Answer(List<FoundStatements> found)
    {
        // What is not looked at can change nothing: a statement that forbids it does so whatever else there is.
        if (Applying(found, Effect.Deny) is { Count: > 0 } against)
            return Against(AccessGround.Forbidden, against.ConvertAll(static s => (s, s.Forbids)));
        if (Waiting(Applying(found, Effect.Require)) is { Count: > 0 } waits)
            return Against(AccessGround.Waits, waits);
        var byRole = RolePolicy.Evaluate(request.Role, request);
        var allow = Applying(found, Effect.Allow);
        if (byRole.Denied && allow.Count == 0)
            return byRole;
        var (masks, filters) = (Applying(found, Effect.Mask), Applying(found, Effect.Filter));
        var obligations = Obligations.Of(masks, filters, resource, _facts);
        masks.RemoveAll(m => !obligations.ByStatement.Contains(m.Text.Id));
        List<string> decided =
            [.. byRole.Statements, .. allow.Select(s => s.Text.Id), .. masks.Select(s => s.Text.Id), .. filters.Select(s => s.Text.Id)];
        decided.Sort(StringComparer.Ordinal);
        return new AccessDecision(
            AccessGround.Allowed, [.. byRole.Allowed ? byRole.Reasons : [], .. allow.Select(s => s.Allows)], obligations.All)
        {
            Statements = decided,
        };
    }

    /// <summary>Those of an effect that apply, each once, in the order of their ids.</summary>
    private List<ParsedStatement> Applying(List<FoundStatements> found, Effect effect)
    {
        List<RankedStatement>? all = null;
        foreach (var there in found)
        {
            if (!there.HasAny(effect))
                continue;
            foreach (ref readonly var ranked in there.All)
            {
                if (ranked.Effect == effect && Applies(ranked.Statement))
                    (all ??= []).Add(ranked);
            }
        }

        if (all is null)
            return [];
        all.Sort(static (a, b) => a.Rank.CompareTo(b.Rank));
        var applying = new List<ParsedStatement>(all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            if (i == 0 || all[i].Rank != all[i - 1].Rank)
                applying.Add(all[i].Statement);
        }

        return applying;
    }

    /// <summary>Whether all of a statement applies; of a mask that asks for tags, whether it does to some column.</summary>
    private bool Applies(ParsedStatement statement)
    {
        if (!statement.IsOfAct(request.Act) || !statement.IsFor(request.Purpose) || !statement.IsInForce(_now))
            return false;
        var hasTags = statement.HasTags(resource.Tags, TagSet.Empty)
            || (statement.Effect == Effect.Mask && resource.Columns.Any(c => statement.HasTags(resource.Tags, c.Tags)));
        if (!hasTags)
            return false;
        IsOfRequest |= statement.When is { IsOfRequest: true };

        // Which columns a mask is on is looked at one by one.
        return statement.Effect == Effect.Mask || statement.IsMet(_facts);
    }

    /// <summary>Those whose requirement is not met, and what each waits for.</summary>
    private List<(ParsedStatement Statement, string Reason)> Waiting(List<ParsedStatement> required)
    {
        var waits = new List<(ParsedStatement, string)>();
        foreach (var statement in required)
        {
            if (Missing(statement.Text.Requires) is { } missing)
                waits.Add((statement, $"The statement '{statement.Text.Id}' makes it wait: {missing}"));
        }

        return waits;
    }

    private string? Missing(Requirement? required)
    {
        if (required is not { } needed)
            return null;
        if (needed.Purpose)
            return request.Purpose is null ? $"a purpose must be declared, one of {Purposes.List}." : null;
        var given = Approvals().Select(a => a.By).Distinct(StringComparer.Ordinal).Count(by => IsApprover(by, needed.ApprovedBy));
        var whose = needed.ApprovedBy is { } group ? $" by members of '{group}'" : "";
        return given >= needed.Approvals ? null
            : $"it needs {needed.Approvals} approval{(needed.Approvals == 1 ? "" : "s")}{whose} other than who asks, and has {given}.";
    }

    /// <summary>Of just that: who made a version can approve the thing, and that must not stand for the version.</summary>
    private IEnumerable<Approval> Approvals() =>
        (request.Approved ?? request.Resource) is { } node
            ? set.Approvals.GetValueOrDefault(node, []).Where(a => a.Act == request.Act && (a.Expires is null || a.Expires > now))
            : [];

    private bool IsApprover(string by, string? group) =>
        by != request.Principal && (group is null || Closure.Of(by, [], set).Groups.Contains(group));

    /// <param name="ground">What it rests on.</param>
    /// <param name="statements">That are against it, in the order of their ids, and what each says.</param>
    private static AccessDecision Against(AccessGround ground, List<(ParsedStatement Statement, string Reason)> statements)
    {
        var (reasons, ids) = (new string[statements.Count], new string[statements.Count]);
        for (var i = 0; i < ids.Length; i++)
            (reasons[i], ids[i]) = (statements[i].Reason, statements[i].Statement.Text.Id);
        return new AccessDecision(ground, reasons, AccessObligations.None) { Statements = ids };
    }
}

/// <summary>What is known of what is asked for.</summary>
/// <param name="Tags">All that it bears, those that the question brought along included.</param>
/// <param name="Columns">Those that bear tags of their own.</param>
/// <param name="Chain">What it lies in.</param>
internal sealed record ResourceView(TagSet Tags, IReadOnlyList<ColumnTags> Columns, ResourceChain Chain);
