using System.Security.Cryptography;
using System.Text.Json;
using Catalog.Access.Policies;
using Catalog.Platform.Store;

namespace Catalog.Access;

/// <summary>What becomes of a statement.</summary>
public enum PolicyChange
{
    Unchanged,
    Create,
    Change,
    Withdraw,
}

/// <summary>What applying statements would do.</summary>
/// <param name="Hash">Of all of it: applying with it does this and nothing else.</param>
/// <param name="Statements">Sorted by id.</param>
public sealed record PolicyPlan(string Hash, IReadOnlyList<PlannedStatement> Statements)
{
    internal static PolicyPlan Of(
        IReadOnlyList<Statement> wanted, IReadOnlyDictionary<string, Statement> current, bool prune)
    {
        var ids = wanted.Select(w => w.Id).ToHashSet(StringComparer.Ordinal);
        var planned = wanted.Select(w => PlannedStatement.Of(current.GetValueOrDefault(w.Id), w.InOrder()))
            .Concat(prune ? current.Values.Where(c => !ids.Contains(c.Id)).Select(c => PlannedStatement.Of(c, after: null)) : [])
            .OrderBy(p => p.Id, StringComparer.Ordinal).ToList();
        var changes = planned.Where(p => p.Change != PolicyChange.Unchanged).ToList();
        return new(Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(changes, CatalogStore.Json))), planned);
    }
}

/// <param name="Id">Of the statement.</param>
/// <param name="Change">What becomes of it.</param>
/// <param name="Before">What it says now; null where it is not there.</param>
/// <param name="After">What it is to say; null where it is withdrawn.</param>
public sealed record PlannedStatement(string Id, PolicyChange Change, Statement? Before, Statement? After)
{
    internal static PlannedStatement Of(Statement? before, Statement? after) => (before, after) switch
    {
        (null, { } a) => new(a.Id, PolicyChange.Create, null, a),
        ({ } b, null) => new(b.Id, PolicyChange.Withdraw, b, null),
        ({ } b, { } a) => new(a.Id, a.Equals(b) ? PolicyChange.Unchanged : PolicyChange.Change, b, a),
        _ => throw new InvalidOperationException("A statement is there before or after."),
    };
}
