using Catalog.Datasets;
using Catalog.Models;
using Catalog.Platform.Log;
using Catalog.Platform.Writes;

namespace Catalog.Lineage;

/// <summary>Facts that say that a file is part of a version. Manifests say it, so the facts are those that name such a manifest.</summary>
internal sealed class FileWitnesses(FilesInLineage files, LogReader log, FactRegistry facts)
{
    /// <summary>So many versions of one dataset that were sealed are looked at.</summary>
    private const int MaxSealed = 10_000;

    public async Task<ExplainEdge.Answer> ExplainAsync(Scene scene, NodeId file, NodeId version, int limit, CancellationToken ct)
    {
        var (manifests, found) = (await files.ManifestsOfAsync(file, ct), new List<LogEntry>());
        var named = await log.PositionsOnAsync([version.StreamId], [facts.NameOf(typeof(VersionSealed))], scene.Position, MaxSealed, ct);
        await foreach (var entry in log.ReadAsync([.. Made(scene, version), .. named], ct))
        {
            if (ManifestOf(entry.ReadFact(facts), version.VersionNumber) is { } manifest && manifests.Contains(manifest))
                found.Add(entry);
        }

        return new ExplainEdge.Answer(
            file, version, scene.Position,
            [.. found.Select(f => new ExplainEdge.Statement(
                LineageRelation.File, f.Time, HeldTo: null, f.Position, KnownTo: null, EdgeWitnesses.Evidence(f)))],
            [.. found.Take(limit).Select(f => new ExplainEdge.Assertion(
                LineageRelation.File, f.Time, EventTime: null, EdgeWitnesses.Evidence(f), Body: null))],
            found.Count > limit);
    }

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
