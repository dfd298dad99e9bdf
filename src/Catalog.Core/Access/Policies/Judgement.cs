namespace Catalog.Access.Policies;

/// <summary>One question, with all that is known of who asks and what for, and how the statements that apply answer it.</summary>
internal sealed class Judgement(AccessRequest request, Closure who, ResourceView resource, PolicySet set, DateTimeOffset now)
{
    private readonly List<ParsedStatement> _allow = [];
    private readonly List<ParsedStatement> _deny = [];
    private readonly List<ParsedStatement> _mask = [];
    private readonly List<ParsedStatement> _filter = [];
    private readonly List<(ParsedStatement Statement, string Missing)> _waits = [];

    /// <summary>Whether another request of the same kind can be answered otherwise, a moment later or from another address.</summary>
    public bool IsOfRequest { get; private set; }

    /// <param name="candidates">All that can apply; some may stand there twice.</param>
    public AccessDecision Answer(IEnumerable<ParsedStatement> candidates)
    {
        foreach (var statement in candidates.Distinct())
        {
            if (Applies(statement))
                Take(statement);
        }

        if (_deny.Count > 0)
            return Against(AccessGround.Forbidden, _deny.Select(s => (s, $"The statement '{s.Text.Id}' forbids it: {s.Text.Reason}")));
        if (_waits.Count > 0)
            return Against(AccessGround.Waits, _waits);
        var byRole = RolePolicy.Evaluate(request.Role, request);
        if (byRole.Denied && _allow.Count == 0)
            return byRole;
        var obligations = Obligations.Of(_mask, _filter, resource, Facts);
        var masks = _mask.Where(m => obligations.ByStatement.Contains(m.Text.Id));
        return new AccessDecision(
            AccessGround.Allowed,
            [.. byRole.Allowed ? byRole.Reasons : [], .. _allow.Select(s => $"The statement '{s.Text.Id}' allows it: {s.Text.Reason}")],
            obligations.All)
        {
            Statements =
            [
                .. _allow.Concat(masks).Concat(_filter).Select(s => s.Text.Id).Concat(byRole.Statements).Order(StringComparer.Ordinal),
            ],
        };
    }

    /// <summary>Whether all of a statement applies; of a mask that asks for tags, whether it does to some column.</summary>
    private bool Applies(ParsedStatement statement)
    {
        if (!statement.IsOfAct(request.Act) || !statement.IsFor(request.Purpose) || !statement.IsInForce(now.UtcTicks))
            return false;
        var hasTags = statement.HasTags(resource.Tags, TagSet.Empty)
            || (statement.Effect == Effect.Mask && resource.Columns.Any(c => statement.HasTags(resource.Tags, c.Tags)));
        if (!hasTags)
            return false;
        IsOfRequest |= statement.When is { IsOfRequest: true };

        // Which columns a mask is on is looked at one by one.
        return statement.Effect == Effect.Mask || statement.IsMet(Facts);
    }

    private ConditionFacts Facts => new(
        who.Principal, who.Attributes, who.Groups, request.Resource, resource.Tags, TagSet.Empty, request.Purpose, now, request.Address);

    private void Take(ParsedStatement statement)
    {
        switch (statement.Effect)
        {
            case Effect.Allow:
                _allow.Add(statement);
                break;
            case Effect.Deny:
                _deny.Add(statement);
                break;
            case Effect.Mask:
                _mask.Add(statement);
                break;
            case Effect.Filter:
                _filter.Add(statement);
                break;
            case Effect.Require when Missing(statement.Text.Requires) is { } missing:
                _waits.Add((statement, $"The statement '{statement.Text.Id}' makes it wait: {missing}"));
                break;
        }
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

    private static AccessDecision Against(AccessGround ground, IEnumerable<(ParsedStatement Statement, string Reason)> reasons)
    {
        var sorted = reasons.OrderBy(r => r.Statement.Text.Id, StringComparer.Ordinal).ToList();
        return new AccessDecision(ground, [.. sorted.Select(r => r.Reason)], AccessObligations.None)
        {
            Statements = [.. sorted.Select(r => r.Statement.Text.Id)],
        };
    }
}

/// <summary>What is known of what is asked for.</summary>
/// <param name="Tags">All that it bears, those that the question brought along included.</param>
/// <param name="Columns">Those that bear tags of their own.</param>
/// <param name="Chain">What it lies in.</param>
internal sealed record ResourceView(TagSet Tags, IReadOnlyList<ColumnTags> Columns, ResourceChain Chain);
