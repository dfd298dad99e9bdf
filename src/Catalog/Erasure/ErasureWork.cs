using Catalog.Access;
using Catalog.Columns;
using Catalog.Datasets;
using Catalog.Garbage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.Retention;
using Catalog.Storage.Objects;
using Catalog.Storage.Tiering;
using Catalog.Tiers;
using Marten;

namespace Catalog.Erasure;

/// <summary>
/// Plans an erasure, and does it: in rounds, because others go on writing, and because training sets can only be made again once what they
/// are made of was. Whatever stops it, what was done by then is done, and asking again goes on from there.
/// </summary>
internal sealed class ErasureWork(
    SubjectSearch search, LooseData loose, Successors successors, ErasedGenerations generations, Tombstones tombstones,
    UnusedObjects unused, StoreMarks marks, IObjectStore objects, StorageTiers places, MaskKey maskKey, IDocumentStore store,
    WritePath writes, Turns turns, TimeProvider clock, Gate gate)
{
    private const int MostRounds = 20;

    /// <summary>
    /// Whoever commits keeps the objects that it names, looks whether they are there, and names them a little later: that long after it was
    /// noted, an object that is still not kept and not named is free.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public async Task<Outcome<PlanErasure.Answer>> PlanAsync(
        ErasureRequest wanted, IProgress<ErasureProgress>? progress, CancellationToken ct)
    {
        var subject = wanted.Meant;
        var found = await FindAsync(subject, wanted, [], progress, ct);
        if (!found.Succeeded)
            return found.Problem;
        var rest = await loose.FindAsync(subject, ct);
        var expired = await search.ExpiredAsync(found.Value.Free.Select(d => d.Node), ct);
        var versions = found.Value.Free.SelectMany(d => d.Versions.Select(v => (Node: d.Node.WithVersion(v.Number), Version: v))).ToList();
        var files = versions.SelectMany(v => v.Version.Files).DistinctBy(f => f.File.Uri, StringComparer.Ordinal).ToList();
        var mine = files.FindAll(f => ContentStore.TryParseUri(f.File.Uri, out _));
        var dropped = await generations.FindAsync([.. versions.Select(v => v.Node), .. expired], dropped: false, ct);
        return new PlanErasure.Answer(
            subject.Hash(await maskKey.GetAsync(ct)),
            [
                .. versions.Select(v => new PlanErasure.FoundRows(
                    v.Node, v.Version.Rows, v.Version.Files.Count, TrainingSet: v.Version.Recipe is not null)),
            ],
            [.. dropped.Select(g => NodeId.Parse(g.Id))],
            mine.Count + dropped.Count,
            mine.Sum(f => f.File.Bytes) + dropped.Sum(g => g.Built.Bytes),
            [.. Enum.GetValues<Tier>().Where(places.Has).Select(t => t.ToString().ToLowerInvariant())],
            rest.Pushed, rest.Predictions.Count, rest.Bodies.Count, rest.Profiles,
            found.Value.OfKind(NodeKind.Deployment), found.Value.OfKind(NodeKind.FeatureView),
            Remains(found.Value, rest.Held, [.. files.Except(mine).Select(f => f.File.Uri)], [], []));
    }

    public async Task<Outcome<ShowErasure.Answer>> EraseAsync(
        ErasureRequest wanted, string reason, IProgress<ErasureProgress>? progress, CancellationToken ct)
    {
        // Objects are removed, so nobody else may have them.
        if (await marks.FindOthersAsync(ct) is { } shared)
            return shared;
        await using var turn = await turns.TakeAsync(Turn.Erasure, ct);
        var subject = wanted.Meant;
        var hash = subject.Hash(await maskKey.GetAsync(ct));
        var begun = new ErasureBegun(
            await FindBegunAsync(hash, wanted.Within ?? [], ct) ?? Guid.CreateVersion7(), hash,
            [.. subject.Values.Keys.Order(StringComparer.Ordinal)], wanted.Within ?? [], reason);
        var first = await FindAsync(subject, wanted, await ErasedAsync(begun.Id, ct), progress, ct);
        if (!first.Succeeded)
            return first.Problem;
        await writes.DecideAsync<ErasureCase>(ErasureCase.StreamId(begun.Id), state => ErasureCase.Begin(state, begun), ct);
        var (last, held, failures) = await ReplaceAsync(begun.Id, subject, wanted, progress, ct);
        await tombstones.SweepAsync((transaction, files) => ErasureTable.NoteAsync(transaction, begun.Id, files, ct), ct);
        await FreeAsync(begun.Id, ct);
        await CompleteAsync(begun.Id, first.Value, last, held, failures, ct);
        return await ShowErasure.FindAsync(store, begun.Id, ct)
            ?? throw new InvalidOperationException("An erasure that was begun is not there.");
    }

    /// <summary>What was found, if the caller may erase all of it that is not held.</summary>
    private async Task<Outcome<FoundSubject>> FindAsync(
        Subject subject, ErasureRequest wanted, IReadOnlyList<NodeId> erased, IProgress<ErasureProgress>? progress, CancellationToken ct)
    {
        var found = await search.FindAsync(subject, wanted.Within ?? [], erased, progress, ct);
        if (!found.Succeeded)
            return found.Problem;
        foreach (var dataset in found.Value.Free)
        {
            if (gate.Ask(Act.Erase, dataset.Node).Refusal is { } no)
                return no;
        }

        return found;
    }

    /// <summary>An erasure of the same subject, begun in the same places, and stopped.</summary>
    private async Task<Guid?> FindBegunAsync(string subject, IReadOnlyList<string> within, CancellationToken ct)
    {
        var open = await store.ReadAsync(
            $"""
            select (data->>'erasure')::uuid from {StateTable.Name}
            where id like '{ErasureCase.Prefix}%' and data->>'subject' = $1 and not (data->>'completed')::boolean order by id desc
            """,
            [subject],
            row => row.GetGuid(0),
            ct);
        foreach (var id in open)
        {
            if (await ShowErasure.FindAsync(store, id, ct) is { } begun && begun.Within.ToHashSet(StringComparer.Ordinal).SetEquals(within))
                return id;
        }

        return null;
    }

    private async Task<(FoundSubject Last, IReadOnlyList<NodeId> Held, IReadOnlyList<string> Failures)> ReplaceAsync(
        Guid erasure, Subject subject, ErasureRequest wanted, IProgress<ErasureProgress>? progress, CancellationToken ct)
    {
        var (failures, settled) = (new List<string>(), new HashSet<NodeId>());
        for (var round = 0; ; round++)
        {
            var rest = await loose.FindAsync(subject, ct);
            await loose.RemoveAsync(erasure, rest, ct);
            var found = await FindAsync(subject, wanted, await ErasedAsync(erasure, ct), progress, ct);
            if (!found.Succeeded)
                throw new ProblemException(found.Problem);
            var last = found.Value;
            if (!last.FreeVersions.All(settled.Contains) && round < MostRounds)
            {
                await ReplaceAsync(erasure, last, settled, failures, ct);
                continue;
            }

            if (round == MostRounds)
                failures.Add("Others went on writing data of the subject: erase it again.");
            var pushed = ErasureCounts.PushedIn(await ErasureTable.CountsAsync(store, erasure, ct)).Keys;
            var erased = await ErasedAsync(erasure, ct);
            NodeId[] gone =
            [
                .. erased, .. await search.ExpiredAsync(last.Free.Select(d => d.Node).Concat(erased.Select(v => v.WithoutVersion())), ct),
            ];
            failures.AddRange(await generations.ReplaceAsync(erasure, gone, [.. pushed], ct));
            return (last, rest.Held, failures);
        }
    }

    /// <summary>One round: what is made of others waits until those were replaced.</summary>
    private async Task ReplaceAsync(Guid erasure, FoundSubject found, HashSet<NodeId> settled, List<string> failures, CancellationToken ct)
    {
        var open = found.FreeVersions.Where(v => !settled.Contains(v)).ToHashSet();
        foreach (var dataset in found.Free)
        {
            var now = dataset.Versions
                .Where(v => open.Contains(dataset.Node.WithVersion(v.Number)) && v.Recipe?.Inputs().Any(open.Contains) != true).ToList();
            if (now.Count == 0)
                continue;
            var done = await successors.PutAsync(dataset, now, erasure, ct);
            if (done.Succeeded)
            {
                settled.UnionWith(done.Value);
            }
            else if (done.Problem.Code is not ("catalog.busy" or "dataset.held"))
            {
                failures.Add($"'{dataset.Node}': {done.Problem.Detail}");
                settled.UnionWith(now.Select(v => dataset.Node.WithVersion(v.Number)));
            }
        }
    }

    private Task<List<NodeId>> ErasedAsync(Guid erasure, CancellationToken ct) => store.ReadAsync(
        $"select id from {CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias} where data->'tombstone'->>'erasure' = $1 order by id",
        [erasure.ToString("D")],
        row => NodeId.Parse(row.GetString(0)),
        ct);

    /// <summary>Removes from every tier what no version has that is kept.</summary>
    private async Task FreeAsync(Guid erasure, CancellationToken ct)
    {
        await MeasureAsync(erasure, ct);
        string[] waiting = [.. (await ErasureTable.WaitingAsync(store, erasure, ct)).Where(w => w.Uri.Length == 0).Select(w => w.Sha256)];
        var unlisted = await unused.UnlistedAsync(waiting, ct);
        if (unlisted.Count == 0)
            return;
        await unused.NoteSomeAsync(unlisted, ct);
        await Task.Delay(Grace, clock, ct);
        foreach (var some in unlisted.Chunk(50))
        {
            var freed = await unused.FreeAsync(
                some, TimeSpan.Zero, (sha256, token) => objects.DeleteAsync(ContentStore.KeyOf(sha256), token), ct);
            await ErasureTable.FreedAsync(store, erasure, freed, ct);
        }
    }

    /// <summary>What was only listed may be a file of others, or be gone already: nothing is told of what was never removed.</summary>
    private async Task MeasureAsync(Guid erasure, CancellationToken ct)
    {
        foreach (var noted in await ErasureTable.WaitingAsync(store, erasure, ct))
        {
            if (noted is not { Uri.Length: 0, Bytes: 0 })
                continue;
            if (await objects.HeadAsync(ContentStore.KeyOf(noted.Sha256), ct) is { } there)
                await ErasureTable.SizeAsync(store, erasure, noted.Sha256, there.Bytes, ct);
            else
                await ErasureTable.ForgetAsync(store, erasure, noted.Sha256, ct);
        }
    }

    private async Task CompleteAsync(
        Guid erasure, FoundSubject first, FoundSubject last, IReadOnlyList<NodeId> held, IReadOnlyList<string> failures,
        CancellationToken ct)
    {
        var (versions, waiting) = (await VersionsAsync(erasure, ct), await ErasureTable.WaitingAsync(store, erasure, ct));
        var (freed, counts) = (await ErasureTable.SumAsync(store, erasure, ct), await ErasureTable.CountsAsync(store, erasure, ct));
        HashSet<NodeId> replaced = [.. await WrittenAsync(ct), .. versions.Select(v => v.Node)];
        var all = new FoundSubject(
            last.Datasets, [.. first.Downstream.Union(last.Downstream).Where(n => !replaced.Contains(n)).Order(NodeId.Order)],
            [.. first.Unsearched.Union(last.Unsearched).Order(NodeId.Order)], first.Truncated || last.Truncated);
        var certificate = new ErasureCertificate(
            versions, freed.Objects, freed.Bytes, await generations.DroppedAsync(erasure, ct), ErasureCounts.PushedIn(counts).Values.Sum(),
            counts.GetValueOrDefault(ErasureCounts.Predictions), counts.GetValueOrDefault(ErasureCounts.Bodies),
            counts.GetValueOrDefault(ErasureCounts.Profiles),
            Remains(
                all, held, [.. waiting.Where(w => w.Uri.Length > 0).Select(w => w.Uri)],
                [.. waiting.Where(w => w.Uri.Length == 0).Select(w => w.Sha256)], failures));
        await writes.DecideAsync<ErasureCase>(
            ErasureCase.StreamId(erasure), state => ErasureCase.Complete(state, new(erasure, certificate)), ct);
    }

    /// <summary>What erasures wrote is made of what was erased, and has nothing of it.</summary>
    private Task<List<NodeId>> WrittenAsync(CancellationToken ct) => store.ReadAsync(
        $"select id from {CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias} where data->>'message' = $1",
        [SupersedeVersions.Message],
        row => NodeId.Parse(row.GetString(0)),
        ct);

    private async Task<IReadOnlyList<ErasedVersion>> VersionsAsync(Guid erasure, CancellationToken ct) => await store.ReadAsync(
        $"""
        select v.id, v.data->>'contentHash', s.id, s.data->>'contentHash'
        from {CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias} v
        left join {CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias} s on s.id = v.data->'tombstone'->>'successor'
        where v.data->'tombstone'->>'erasure' = $1 order by v.data->>'dataset', (v.data->>'number')::bigint
        """,
        [erasure.ToString("D")],
        row => new ErasedVersion(NodeId.Parse(row.GetString(0)), row.Text(1), row.Node(2), row.Text(3)),
        ct);

    private static ErasureRemains Remains(
        FoundSubject found, IReadOnlyList<NodeId> held, IReadOnlyList<string> inPlace, IReadOnlyList<string> shared,
        IReadOnlyList<string> failures) => new(
        [.. found.Datasets.Where(d => d.Holds.Count > 0).Select(d => d.Node).Union(held).Order(NodeId.Order)],
        found.OfKind(NodeKind.Model), found.OfKind(NodeKind.Dataset), found.Unsearched, inPlace, shared,
        found.Truncated ? [.. failures, "There was more downstream of it than can be listed."] : failures);
}
