using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Cache;
using Catalog.Storage.Tiering;
using Catalog.Tiers;

namespace Catalog.Tiering;

/// <summary>A plan with all that it consists of: to be shown in short, or applied.</summary>
internal sealed class DraftPlan(DateTimeOffset at, StorageTiers places, PriceTable? prices)
{
    /// <summary>The share of the cache that may be held: what else is read needs room, too.</summary>
    private const double HeldShare = 0.8;

    private readonly List<VersionTier> _versions = [];
    private readonly Dictionary<(string Stream, long Number), VersionTier> _byNumber = [];
    private readonly Dictionary<string, List<VersionTier>> _byManifest = new(StringComparer.Ordinal);
    private readonly List<(IReadOnlyList<VersionTier> Users, StoredObject[] Objects)> _lists = [];
    private readonly Dictionary<StoredObject, DateTimeOffset> _lastReads = [];
    private long _inPlaceBytes;
    private long _missing;
    private long _hotUnfit;

    /// <summary>What both places hold, by SHA-256.</summary>
    public Dictionary<string, StoredObject> Stored { get; set; } = [];

    /// <summary>What has to be brought elsewhere.</summary>
    public IEnumerable<(string Sha256, StoredObject Object, Tier To)> Moves => Stored
        .Where(o => places.Cold is not null && o.Value.Move is not null)
        .Select(o => (o.Key, o.Value, o.Value.Move ?? default));

    /// <summary>What is to be held in caches.</summary>
    public IEnumerable<(string Sha256, StoredObject Object)> Held =>
        Stored.Where(o => o.Value.Wanted == Tier.Hot).Select(o => (o.Key, o.Value));

    public void Add(VersionTier version, (long Requests, long Bytes) reads)
    {
        version = version with { Reads = reads };
        _versions.Add(version);
        _byNumber[(version.Version.Stream, version.Version.Number)] = version;
        Use(version.Version.Manifest, version);
    }

    /// <summary>What was made of a version to show part of it lies where the version does, and counts with it.</summary>
    public void AddProjection(HeldVersion projection)
    {
        if (_byNumber.TryGetValue((projection.Stream, projection.Number), out var version))
            Use(projection.Manifest, version);
    }

    private void Use(string manifest, VersionTier version)
    {
        if (!_byManifest.TryGetValue(manifest, out var same))
            _byManifest.Add(manifest, same = []);
        same.Add(version);
    }

    /// <summary>Notes of files which tier they are wanted in.</summary>
    public void Place(HeldFiles held)
    {
        List<VersionTier> users = [.. held.Manifests.SelectMany(m => _byManifest.GetValueOrDefault(m) ?? []).Distinct()];
        if (users.Count == 0)
            return;
        StoredObject[] objects = [.. held.Files.Select(Find).OfType<StoredObject>()];
        _lists.Add((users, objects));
        var wanted = Possible(users.Min(u => u.Choice.Tier));
        var lastRead = users.Max(u => u.LastReadAt) ?? DateTimeOffset.MinValue;
        foreach (var stored in objects)
        {
            stored.Want(wanted);
            if (wanted == Tier.Hot && (!_lastReads.TryGetValue(stored, out var earlier) || earlier < lastRead))
                _lastReads[stored] = lastRead;
        }
    }

    /// <summary>More may be hot than a cache has room for: what was read last goes first.</summary>
    private void FitHot(CachedObjectStore cache)
    {
        var room = (long)(cache.MaxBytes * HeldShare);
        foreach (var hot in Stored.Values.Where(o => o.Wanted == Tier.Hot).OrderByDescending(o => _lastReads.GetValueOrDefault(o)))
        {
            if (hot.Bytes <= cache.MaxObjectBytes && hot.Bytes <= room)
            {
                room -= hot.Bytes;
                continue;
            }

            hot.Wanted = Tier.Warm;
            _hotUnfit += hot.Bytes;
        }
    }

    /// <summary>All files have been placed: settles what is hot, and what that means for each version.</summary>
    public void Complete()
    {
        if (places.Hot is { } cache)
            FitHot(cache);
        foreach (var (users, objects) in _lists)
        {
            var share = VersionBytes.Of(objects, o => places.Cold is null ? null : o.Move, o => o.Place, After);
            foreach (var user in users)
                user.Bytes += share;
        }
    }

    /// <summary>The plan as it is shown.</summary>
    /// <param name="most">Versions listed at most.</param>
    public TierPlan Summarize(int most)
    {
        List<PlannedVersion> notable =
        [
            .. _versions.Select(Planned).Where(v => v.Tier != Tier.Warm || v.MovingBytes > 0)
                .OrderByDescending(v => v.MovingBytes).ThenByDescending(v => v.Bytes).ThenBy(v => v.Node, NodeId.Order),
        ];
        return new TierPlan(
            at,
            [.. Enum.GetValues<Tier>().Where(places.Has).Select(Content)],
            [
                .. Moves.GroupBy(m => m.To).OrderBy(g => g.Key).Select(g => new TierMove(
                    g.Key == Tier.Cold ? Tier.Warm : Tier.Cold, g.Key, g.LongCount(), g.Sum(m => m.Object.Bytes))),
            ],
            [.. notable.Take(most)],
            Math.Max(0, notable.Count - most),
            _inPlaceBytes,
            _missing,
            prices is null ? null : Costs(prices),
            [.. Notes()]);
    }

    private Tier Possible(Tier wanted) => places.Has(wanted) ? wanted : Tier.Warm;

    private StoredObject? Find(FileEntry file)
    {
        if (!ContentStore.TryParseUri(file.Uri, out var sha256))
            _inPlaceBytes += file.Bytes;
        else if (Stored.TryGetValue(sha256, out var stored))
            return stored;
        else
            _missing++;
        return null;
    }

    private static PlannedVersion Planned(VersionTier v) => new(
        NodeId.Parse(v.Version.Stream).WithVersion(v.Version.Number), v.Choice.Tier, v.Choice.Reason, v.Bytes.Total, v.Bytes.Moving,
        v.LastReadAt);

    private TierContent Content(Tier tier)
    {
        var before = Stored.Where(o => Before(o.Key, o.Value) == tier).Select(o => o.Value.Bytes).ToList();
        var after = Stored.Values.Where(o => After(o) == tier).Select(o => o.Bytes).ToList();
        return new TierContent(tier, before.Count, before.Sum(), after.Count, after.Sum());
    }

    /// <summary>
    /// Hot is what is wholly in the cache already and belongs there: what only passes through it may be gone in a minute.
    /// </summary>
    private Tier? Before(string sha256, StoredObject o) =>
        o is { Wanted: Tier.Hot, IsInStore: true } && places.Hot?.BytesOf(ContentStore.KeyOf(sha256)) == o.Bytes ? Tier.Hot : o.Place;

    private Tier? After(StoredObject o) => o.Wanted == Tier.Hot ? Tier.Hot : (places.Cold is null ? null : o.Move) ?? o.Place;

    private PlanCosts Costs(PriceTable table) => new(
        table.Currency,
        Round(Stored.Sum(o => Before(o.Key, o.Value) is { } tier ? table.StorageOf(tier, o.Value.Bytes) : 0)),
        Round(Stored.Values.Sum(o => After(o) is { } tier ? table.StorageOf(tier, o.Bytes) : 0)),
        Round(_versions.Sum(v => ReadCost(table, v, v.Bytes.ColdBefore))),
        Round(_versions.Sum(v => ReadCost(table, v, v.Bytes.ColdAfter, v.Bytes.HotAfter))),
        Round(Moves.Sum(m => table.Of(m.To == Tier.Cold ? Tier.Warm : Tier.Cold).Reads(1, m.Object.Bytes) + table.Of(m.To).Reads(1, 0))));

    /// <summary>A version's reads, as if spread over its bytes.</summary>
    private static decimal ReadCost(PriceTable table, VersionTier v, long cold, long hot = 0)
    {
        var total = (decimal)v.Bytes.Total;
        return total == 0 ? 0 : (From(Tier.Cold, cold) + From(Tier.Hot, hot) + From(Tier.Warm, v.Bytes.Total - cold - hot)) / total;

        decimal From(Tier tier, long bytes) => table.Of(tier).Reads(v.Reads.Requests, v.Reads.Bytes) * bytes;
    }

    private IEnumerable<string> Notes()
    {
        if (places.Hot is null && _versions.Exists(v => v.Choice.Tier == Tier.Hot))
            yield return "Versions are hot, and this server has no cache to hold them in: give it one with --cache-gib.";
        if (places.Cold is null && _versions.Exists(v => v.Choice.Tier == Tier.Cold))
            yield return "Versions are cold, and this server has no archive to bring them to: name one with --archive.";
        if (_hotUnfit > 0)
            yield return $"{_hotUnfit:N0} bytes are hot and find no room in the cache, so they stay warm: see --cache-gib.";
    }

    private static decimal Round(decimal cost) => Math.Round(cost, 6);
}
