using Catalog.Access;
using Catalog.Access.Policies;

namespace Catalog.Tests.Access;

/// <summary>
/// The rules of policies once more, as they are written down: no index, no memory, no compiled anything. For questions about one dataset
/// with some columns.
/// </summary>
internal static class NaivePolicies
{
    public static (AccessGround Ground, IReadOnlyDictionary<string, Mask> Masks, IReadOnlyList<string> Rows) Answer(
        IReadOnlyList<Statement> statements, PolicySet set, AccessRequest q, DateTimeOffset now, IReadOnlyList<string> tags,
        IReadOnlyDictionary<string, IReadOnlyList<string>> columns)
    {
        var names = Names(q.Principal, set);
        bool Applies(Statement s, IEnumerable<string> borne) =>
            s.Principals.Any(names.Contains)
            && IsOfAct(s, q.Act)
            && (s.Resources.Count == 0 || s.Resources.Any(r => IsAt(r, q.Resource)))
            && (s.Tags is null || Holds(s.Tags, borne))
            && (s.Purposes.Count == 0 || (q.Purpose is { } p && s.Purposes.Contains(Purposes.Write(p))))
            && (s.NotBefore is null || s.NotBefore <= now) && (s.Expires is null || now < s.Expires);

        var none = new Dictionary<string, Mask>();
        if (statements.Any(s => s.Effect == Effect.Deny && Applies(s, tags)))
            return (AccessGround.Forbidden, none, []);
        if (statements.Any(s => s.Effect == Effect.Require && Applies(s, tags) && !IsMet(s, set, q, now)))
            return (AccessGround.Waits, none, []);
        var byRole = (int)q.Role >= 0 && RolePolicy.Evaluate(q.Role, q).Allowed;
        if (!byRole && !statements.Any(s => s.Effect == Effect.Allow && Applies(s, tags)))
            return (AccessGround.NothingAllows, none, []);

        var masks = columns.ToDictionary(
            c => c.Key,
            c => statements
                .Where(s => s.Effect == Effect.Mask && IsOfColumn(s, q.Resource, c.Key) && Applies(Whole(s), tags.Concat(c.Value)))
                .Select(s => s.Mask ?? Mask.Null).DefaultIfEmpty(Mask.None).Max());
        var rows = statements.Where(s => s.Effect == Effect.Filter && Applies(s, tags)).Select(s => s.Rows ?? "").Distinct()
            .Order(StringComparer.Ordinal).ToList();
        return (AccessGround.Allowed, masks, rows);
    }

    private static Statement Whole(Statement s) => s with { Resources = [.. s.Resources.Select(r => r.Split('#')[0])] };

    private static bool IsOfAct(Statement s, Act act) =>
        s.Effect is Effect.Mask or Effect.Filter ? act is Act.ReadData or Act.Export
        : s.Actions.Contains(Acts.Write(act))
            || (s.Actions.Contains("*") && (s.Effect == Effect.Allow || act is not (Act.Govern or Act.ManageKeys or Act.Backup)));

    private static bool IsOfColumn(Statement s, NodeId? node, string column)
    {
        var here = s.Resources.Where(r => IsAt(r.Split('#')[0], node)).ToList();
        if (s.Resources.Count > 0 && here.All(r => r.Contains('#', StringComparison.Ordinal)))
            return here.Any(r => r.Split('#')[1] == column);
        return s.Columns.Count == 0 || s.Columns.Contains(column);
    }

    private static bool IsAt(string pattern, NodeId? node) => pattern == "*" || (node is { } n && (
        pattern == $"namespace:{n.Namespace}" || pattern == "dataset:*" || pattern == $"dataset:{n.Namespace}/*"
        || pattern == $"dataset:{n.Namespace}/{n.Name}" || pattern == $"dataset:{n.Namespace}/{n.Name}@{n.Version}"));

    /// <summary>Written by the tests themselves: <c>a</c>, <c>not a</c>, <c>a and b</c>, <c>a or b</c>.</summary>
    private static bool Holds(string expression, IEnumerable<string> tags)
    {
        var borne = tags.Select(t => t.Split('.'))
            .SelectMany(parts => Enumerable.Range(1, parts.Length).Select(n => string.Join('.', parts.Take(n)))).ToHashSet();
        return expression.Split(' ') switch
        {
            ["not", var a] => !borne.Contains(a),
            [var a, "and", var b] => borne.Contains(a) && borne.Contains(b),
            [var a, "or", var b] => borne.Contains(a) || borne.Contains(b),
            [var a] => borne.Contains(a),
            _ => throw new ArgumentException("No such expression is made here.", nameof(expression)),
        };
    }

    private static bool IsMet(Statement s, PolicySet set, AccessRequest q, DateTimeOffset now)
    {
        if (s.Requires is { Purpose: true })
            return q.Purpose is not null;
        var approvers = set.Approvals.Values.SelectMany(a => a)
            .Where(a => a.Node == q.Resource && a.Act == q.Act && a.By != q.Principal)
            .Where(a => a.Expires is null || now < a.Expires)
            .Where(a => s.Requires?.ApprovedBy is not { } group || Names(a.By, set).Contains($"group:{group}"))
            .Select(a => a.By).Distinct();
        return approvers.Count() >= s.Requires?.Approvals;
    }

    private static HashSet<string> Names(string principal, PolicySet set)
    {
        HashSet<string> names = [principal, "*"];
        for (var before = 0; before < names.Count;)
        {
            before = names.Count;
            foreach (var (member, groups) in set.GroupsByMember)
            {
                if (names.Contains(member))
                    names.UnionWith(groups.Select(g => $"group:{g}"));
            }
        }

        return names;
    }
}
