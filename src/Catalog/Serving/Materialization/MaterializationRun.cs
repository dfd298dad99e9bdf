using Catalog.Jobs;
using Catalog.Platform;
using Catalog.Platform.Writes;

namespace Catalog.Serving.Materialization;

/// <summary>The run that makes generations: it reads dataset versions, and its job is called as the view or service is.</summary>
internal sealed class MaterializationRun(WritePath writes)
{
    public const string Tag = "materialization";

    public async Task<Guid> BeginAsync(NodeId node, IReadOnlyList<GenerationOrder> orders, CancellationToken ct)
    {
        var id = Guid.CreateVersion7();
        var start = new StartRun.Command(
            new(node.Namespace, node.Name), id,
            Parameters: new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["node"] = node.ToString(),
                ["as_of"] = orders[0].AsOf.ToString("O"),
            },
            Tags: [Tag]);
        await writes.DecideAsync<Run, Job>(
            Run.StreamId(id), Job.StreamId(node.Namespace, node.Name), (r, j) => StartRun.Decide(r, j, id, start), ct);
        foreach (var source in orders.SelectMany(o => o.Sources).DistinctBy(s => s.Version))
        {
            var read = new RunInputRead(source.Version, source.Version.Version ?? "", source.IsPushed ? "pushed" : "events");
            await writes.DecideAsync<Run>(Run.StreamId(id), r => RecordInput.Decide(r, id, read), ct);
        }

        return id;
    }

    public async Task<long> CompleteAsync(Guid id, CancellationToken ct) => (await writes.DecideAsync<Run>(
        Run.StreamId(id), r => EndRun.Decide(r, new(id, RunState.Completed, Reason: null)), ct)).Position;

    public Task FailAsync(Guid id, string reason)
    {
        var end = new EndRun.Command(id, RunState.Failed, reason.Length > Limits.Prose ? reason[..Limits.Prose] : reason);
        return writes.DecideAsync<Run>(Run.StreamId(id), r => EndRun.Decide(r, end), CancellationToken.None);
    }
}
