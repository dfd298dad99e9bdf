using System.Security.Cryptography;
using System.Text;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Store;

namespace Catalog.Lineage.Reported;

/// <summary>The rows that events make, table by table.</summary>
internal sealed class ReportedRows
{
    private const int DigestBytes = 16;
    private readonly Dictionary<MergeTable, List<object?[]>> _rows = ReportedTables.All.ToDictionary(t => t, _ => new List<object?[]>());

    public IReadOnlyList<object?[]> Of(MergeTable table) => table.Merge(_rows[table]);

    /// <param name="position">Where the fact stands in the log.</param>
    /// <param name="received">The event.</param>
    public void Add(long position, OpenLineageReceived received)
    {
        var (said, hash) = (received.Event, Convert.FromHexString(received.Hash));
        var from = new Source(position, said.Time, hash, Stamp.Of(said.Time, hash), Stamp.Of(said.Time, hash, mentioned: true));
        _rows[ReportedTables.Events].Add(
        [
            position, from.Time, Word(said.Kind), said.State is { } state ? Word(state) : null, said.Run?.Node.ToString(),
            said.Job?.Node.ToString(), said.Dataset?.Node.ToString(), hash, received.Late,
        ]);
        if (said is { Run: { } run, Job: { } of })
            AddRun(said, run, of.Node, from);
        if (said.Job is { } job)
            AddJob(job, said.Run, from);
        if (said.Dataset is { } alone)
            AddDataset(alone, role: null, written: false, from);
        foreach (var input in said.Inputs)
            AddDataset(input, "input", written: false, from);
        foreach (var output in said.Outputs)
            AddDataset(output, "output", said.State is OpenLineageState.Complete, from);
    }

    private void AddRun(OpenLineageEvent said, OpenLineageRun run, NodeId job, Source from)
    {
        var state = said.State;
        var (parent, nominal) = (run.Parent, run.NominalStart ?? run.NominalEnd);
        _rows[ReportedTables.Runs].Add(
        [
            run.Node.ToString(),
            from.Time,
            from.Time,
            state is OpenLineageState.Start ? from.Time : null,
            job.ToString(),
            state is { } told ? Word(told) : null,
            state is null ? null : from.Time,
            state is { } end && Stamp.IsEnd(end) ? from.Time : null,
            parent?.Run.ToString(),
            parent?.Job.ToString(),
            run.Root?.Run.ToString(),
            run.Root?.Job.ToString(),
            run.NominalStart,
            run.NominalEnd,
            from.Stamp,
            state is { } at ? Stamp.Of(at, said.Time) : null,
            parent is null ? null : from.Stamp,
            nominal is null ? null : from.Stamp,
        ]);
        foreach (var other in new[] { parent, run.Root }.OfType<OpenLineageParent>())
        {
            MentionRun(other, from);
            MentionJob(other.Job, from);
        }

        AddFacets(run.Node, role: null, run.Facets, run.Deleted, from);
    }

    private void MentionRun(OpenLineageParent other, Source from) => _rows[ReportedTables.Runs].Add(
    [
        other.Run.ToString(), from.Time, from.Time, null, other.Job.ToString(), null, null, null, null, null, null, null, null, null,
        from.Mention, null, null, null,
    ]);

    private void AddJob(OpenLineageJob job, OpenLineageRun? run, Source from)
    {
        var hasType = job.ProcessingType is not null || job.Integration is not null || job.JobType is not null;
        _rows[ReportedTables.Jobs].Add(
        [
            job.Node.ToString(),
            job.Node.Namespace,
            job.Node.Name,
            from.Time,
            from.Time,
            job.ProcessingType,
            job.Integration,
            job.JobType,
            run?.Parent?.Job.ToString(),
            run?.Node.ToString(),
            hasType ? from.Stamp : null,
            run?.Parent is null ? null : from.Stamp,
            run is null ? null : from.Stamp,
        ]);
        AddFacets(job.Node, role: null, job.Facets, job.Deleted, from);
    }

    private void MentionJob(NodeId job, Source from) => _rows[ReportedTables.Jobs].Add(
    [
        job.ToString(), job.Namespace, job.Name, from.Time, from.Time, null, null, null, null, null, null, null, null,
    ]);

    private void AddDataset(OpenLineageDataset dataset, string? role, bool written, Source from)
    {
        var change = dataset.Change;
        _rows[ReportedTables.Datasets].Add(
        [
            dataset.Node.ToString(),
            dataset.Node.Namespace,
            dataset.Node.Name,
            from.Time,
            from.Time,
            written ? from.Time : null,
            dataset.Type,
            change is null ? null : Word(change.State),
            change is null ? null : from.Time,
            null,
            dataset.Type is null ? null : from.Stamp,
            change is null ? null : from.Stamp,
        ]);
        if (change is { State: OpenLineageLifecycle.Rename, Previous: { } previous } && previous != dataset.Node)
            AddRenamed(previous, dataset.Node, from);
        AddFacets(dataset.Node, role, dataset.Facets, dataset.Deleted, from);
    }

    private void AddRenamed(NodeId previous, NodeId now, Source from) => _rows[ReportedTables.Datasets].Add(
    [
        previous.ToString(), previous.Namespace, previous.Name, from.Time, from.Time, null, null, Word(OpenLineageLifecycle.Rename),
        from.Time, now.ToString(), null, from.Stamp,
    ]);

    private void AddFacets(NodeId node, string? role, IReadOnlyList<string> facets, IReadOnlyList<string> deleted, Source from)
    {
        if (facets.Count == 0 && deleted.Count == 0)
            return;
        var (present, gone) = (Join(facets), Join(deleted));
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{role}\n{present}\n{gone}"))[..DigestBytes];
        _rows[ReportedTables.FacetSets].Add(
            [node.ToString(), digest, role, present, gone, from.Time, from.Position, from.Hash, from.Stamp]);
    }

    private static string Join(IReadOnlyList<string> words) => string.Join(MergeColumn.Separator, words);

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <param name="Position">Of the fact.</param>
    /// <param name="Time">When it happened.</param>
    /// <param name="Hash">Of the event.</param>
    /// <param name="Stamp">Of what the event says of its own.</param>
    /// <param name="Mention">Of what it says in passing.</param>
    private sealed record Source(long Position, DateTimeOffset Time, byte[] Hash, byte[] Stamp, byte[] Mention);
}
