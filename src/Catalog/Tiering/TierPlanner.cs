using System.Runtime.InteropServices;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Catalog.Storage.Tiering;
using Catalog.Tiers;
using Catalog.Usage;
using Marten;

namespace Catalog.Tiering;

/// <summary>
/// Compares where everything is with where it belongs. Policies choose a tier for each version; an object that several versions share goes
/// to the fastest of theirs. It reads the lists of both places and of all files, so it takes a second for some hundred thousand objects.
/// </summary>
internal sealed class TierPlanner(
    IDocumentStore store, States states, Inventory inventory, StorageTiers places, UsageMeter usage, TimeProvider clock)
{
    /// <summary>Of its reads a plan shows what they cost a month.</summary>
    private const int PricedDays = 30;

    public async Task<DraftPlan> DraftAsync(CancellationToken ct)
    {
        await usage.FlushAsync(ct);
        var now = clock.GetUtcNow();
        var catalog = await states.LoadAsync<CatalogState>(CatalogState.Stream, ct);
        var policies = await TierPolicies.LoadAsync(store, catalog, ct);
        var versions = await inventory.VersionsAsync(ct);
        var since = versions.Select(v => policies.Of(v.Stream)?.HotDays ?? 0).Append(PricedDays).Max();
        var reads = await VersionReads.LoadAsync(store, Day(now, since), ct);

        var draft = new DraftPlan(now, places, catalog?.Prices);
        foreach (var version in versions)
            draft.Add(Choose(version, policies, reads, now), Recent(version, reads, now));
        foreach (var projection in await inventory.ProjectionsAsync(ct))
            draft.AddProjection(projection);
        draft.Stored = await StoredObjects.ListAsync(places, ct);
        await foreach (var held in inventory.FilesAsync(ct))
            draft.Place(held);
        draft.Complete();
        return draft;
    }

    private VersionTier Choose(HeldVersion version, TierPolicies policies, VersionReads reads, DateTimeOffset now)
    {
        var last = reads.LastAt(version.Stream, version.Number);
        if (policies.Of(version.Stream) is not { } policy)
            return new VersionTier(version, new TierChoice(Tier.Warm, "no policy holds for it"), last);
        var use = new VersionUse(
            version.MadeAt,
            last,
            policy.HotDays is { } days ? reads.Since(Day(now, days), version.Stream, version.Number).Requests : 0,
            policies.NewerThan(version.Stream, version.Number),
            policies.IsNamed(version.Stream, version.Number));
        return new VersionTier(version, policy.Choose(use, now), last);
    }

    private static (long Requests, long Bytes) Recent(HeldVersion version, VersionReads reads, DateTimeOffset now) =>
        reads.Since(Day(now, PricedDays), version.Stream, version.Number);

    private static DateOnly Day(DateTimeOffset now, int daysBefore) => DateOnly.FromDateTime(now.UtcDateTime.AddDays(-daysBefore));
}

/// <param name="Version">Of a dataset or model.</param>
/// <param name="Choice">What its policy says.</param>
/// <param name="LastReadAt">Null where no read is known.</param>
internal sealed record VersionTier(HeldVersion Version, TierChoice Choice, DateTimeOffset? LastReadAt)
{
    /// <summary>Reads in the days that are priced.</summary>
    public (long Requests, long Bytes) Reads { get; init; }

    /// <summary>Of its files in the catalog's own storage.</summary>
    public VersionBytes Bytes { get; set; }
}

/// <summary>What a version's bytes are and where: each file is counted, also where two are one object.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VersionBytes(long Total, long Moving, long ColdBefore, long ColdAfter, long HotAfter)
{
    public static VersionBytes Of(
        IReadOnlyList<StoredObject> objects,
        Func<StoredObject, Tier?> move,
        Func<StoredObject, Tier?> before,
        Func<StoredObject, Tier?> after)
    {
        return new VersionBytes(
            Sum(_ => true), Sum(o => move(o) is not null), Sum(o => before(o) == Tier.Cold), Sum(o => after(o) == Tier.Cold),
            Sum(o => after(o) == Tier.Hot));

        long Sum(Func<StoredObject, bool> counts) => objects.Where(counts).Sum(o => o.Bytes);
    }

    public static VersionBytes operator +(VersionBytes a, VersionBytes b) => new(
        a.Total + b.Total, a.Moving + b.Moving, a.ColdBefore + b.ColdBefore, a.ColdAfter + b.ColdAfter, a.HotAfter + b.HotAfter);
}
