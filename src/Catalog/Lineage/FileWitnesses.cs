using Catalog.Datasets;
using Catalog.Models;
using Catalog.Platform.Log;
using Catalog.Platform.Writes;

namespace Catalog.Lineage;

/// <summary>
/// Facts that say that a file is part of a version, or shows something of it. Manifests say it, so the facts are those that name such a
/// manifest.
/// </summary>
internal sealed class FileWitnesses(FilesInLineage files, LogReader log, FactRegistry facts)
{
    /// <summary>So many versions of one dataset that were sealed, and so many projections of its versions, are looked at.</summary>
    private const int MaxLookedAt = 10_000;

    public async Task<ExplainEdge.Answer> ExplainAsync(Scene scene, NodeId file, NodeId version, int limit, CancellationToken ct)
    {
        var (manifests, found) = (await files.ManifestsOfAsync(file, ct), new List<LogEntry>());
        var named = await log.PositionsOnAsync([version.StreamId], [facts.NameOf(typeof(VersionSealed))], scene.Position, MaxLookedAt, ct);
        await foreach (var entry in log.ReadAsync([.. Made(scene, version), .. named], ct))
        {
            if (ManifestOf(entry.ReadFact(facts), version.VersionNumber) is { } manifest && manifests.Contains(manifest))
                found.Add(entry);
        }

        return Answer(file, version, LineageRelation.File, scene, found, limit);
    }

    /// <summary>Which projections of a version a file is of.</summary>
    public async Task<ExplainEdge.Answer> ExplainProjectedAsync(Scene scene, NodeId version, NodeId file, int limit, CancellationToken ct)
    {
        var (manifests, found) = (await files.ManifestsOfAsync(file, ct), new List<LogEntry>());
        var named = await log.PositionsOnAsync(
            [version.StreamId], [facts.NameOf(typeof(VersionProjected))], scene.Position, MaxLookedAt, ct);
        await foreach (var entry in log.ReadAsync(named, ct))
        {
            if (entry.ReadFact(facts) is VersionProjected made && made.Number == version.VersionNumber
                && manifests.Contains(made.ManifestHash))
                found.Add(entry);
        }

        return Answer(version, file, LineageRelation.Projected, scene, found, limit);
    }

    private static ExplainEdge.Answer Answer(
        NodeId from, NodeId to, LineageRelation relation, Scene scene, List<LogEntry> found, int limit) => new(
        from, to, scene.Position,
        [.. found.Select(f => new ExplainEdge.Statement(
            relation, f.Time, HeldTo: null, f.Position, KnownTo: null, EdgeWitnesses.Evidence(f)))],
        [.. found.Take(limit).Select(f => new ExplainEdge.Assertion(
            relation, f.Time, EventTime: null, EdgeWitnesses.Evidence(f), Body: null))],
        found.Count > limit);

    /// <summary>Positions of the facts that say that the version is there.</summary>
    private static IEnumerable<long> Made(Scene scene, NodeId version)
    {
        var (thing, number) = (scene.View.Find(version.WithoutVersion()), scene.View.Find(version));
        return thing < 0 || number < 0
            ? []
            : scene.View.HistoryOf(thing, number, LineageRelations.Of(LineageRelation.Version))
                .Select(h => h.KnownFrom).Where(p => p <= scene.Position);
    }

    private static string? ManifestOf(object? fact, long? number) => fact switch
    {
        VersionCommitted f when f.Number == number => f.ManifestHash,
        VersionSealed f when f.Number == number => f.ManifestHash,
        ModelVersionCreated f when f.Number == number => f.ManifestHash,
        _ => null,
    };
}
