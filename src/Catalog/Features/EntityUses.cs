using Catalog.Platform;
using Marten;

namespace Catalog.Features;

/// <summary>
/// What entities are in the views of a namespace. One name means the same keys, of the same types, in the newest version of every view that
/// is not retired: whoever asks for the features of an airport can ask all of them alike.
/// </summary>
internal sealed class EntityUses(IQuerySession pages)
{
    /// <returns>What an entity is elsewhere, where that is something else; null for none.</returns>
    public async Task<Problem?> FindConflictAsync(IReadOnlyList<WantedFeatureView> views, CancellationToken ct)
    {
        var asked = views.Select(v => v.Node()).ToHashSet();
        var uses = new List<EntityUse>();
        foreach (var ns in views.Where(v => v.Definition.Entities.Count > 0).Select(v => v.Namespace).Distinct(StringComparer.Ordinal))
        {
            var others = await pages.Query<FeatureViewPage>().Where(v => v.Namespace == ns && !v.Retired).ToListAsync(ct);
            uses.AddRange(others.Where(o => !asked.Contains(NodeId.Parse(o.Id))).SelectMany(Of));
        }

        uses.AddRange(views.SelectMany(v => v.Definition.Entities.Select(e => new EntityUse(v.Namespace, e, v.Node()))));
        return FindConflict(uses) is var (one, other)
            ? Problem.Of(
                "feature_view.entity_conflict",
                $"The entity '{one.Entity.Name}' is {Keys(other.Entity)} in '{other.View}', and would be {Keys(one.Entity)} in "
                + $"'{one.View}': one name means the same keys, of the same types, in every view of '{one.Namespace}'.")
            : null;
    }

    /// <summary>The first use that is not as an earlier one of that name, and the earlier one.</summary>
    internal static (EntityUse One, EntityUse Other)? FindConflict(IEnumerable<EntityUse> uses)
    {
        var first = new Dictionary<(string, string), EntityUse>();
        foreach (var use in uses)
        {
            if (!first.TryAdd((use.Namespace, use.Entity.Name), use)
                && first[(use.Namespace, use.Entity.Name)] is var other && !AreAlike(use.Entity, other.Entity))
                return (use, other);
        }

        return null;
    }

    private static IEnumerable<EntityUse> Of(FeatureViewPage page) => page.Versions is [.., var newest]
        ? newest.Definition.Entities.Select(e => new EntityUse(page.Namespace, e, NodeId.Parse(page.Id)))
        : [];

    /// <summary>The column may be called otherwise in each source.</summary>
    private static bool AreAlike(Entity one, Entity other) =>
        one.Keys.Select(k => (k.Name, k.Type)).SequenceEqual(other.Keys.Select(k => (k.Name, k.Type)));

    private static string Keys(Entity entity) => string.Join(", ", entity.Keys.Select(k => $"{k.Name}: {k.Type}"));
}

/// <summary>What an entity is in a view.</summary>
internal sealed record EntityUse(string Namespace, Entity Entity, NodeId View);
