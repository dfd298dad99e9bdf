using Catalog.Access;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Schemas;
using Marten;
using Marten.Linq.MatchesSql;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>
/// Reads and hashes the files that an observed version refers to, as they are now, and makes it as good as a committed one.
/// </summary>
public static class SealVersion
{
    public sealed record Command(string Namespace, string Name, string Version, IProgress<IntakeProgress>? Progress)
        : IRequest<Outcome<CommitVersion.CommitReceipt>>;

    /// <summary>What a version to be sealed is compared with.</summary>
    /// <param name="Schema">Of the nearest earlier version that has one.</param>
    /// <param name="Observed">Earlier versions that were not sealed yet when that was looked up.</param>
    internal sealed record Earlier(TableSchema? Schema, IReadOnlyList<long> Observed);

    /// <summary>Pure: the content was read and hashed before.</summary>
    internal static Decision Decide(Dataset? state, NodeId dataset, VersionPage version, Content content, Earlier earlier)
    {
        if (!DatasetRules.Writable(state, dataset, out var no))
            return no;
        if (!state.Observed.Contains(version.Number))
            return Decision.Unchanged;
        if (!ObservedBefore(state, version.Number).SequenceEqual(earlier.Observed))
            return Decision.Refuse("catalog.busy", $"An earlier version of '{dataset}' was sealed meanwhile; try again shortly.");

        var change = SchemaComparison.Compare(earlier.Schema, content.Schema);
        return state.Compatibility == Compatibility.Backward && change.IsBreaking
            ? Decision.Refuse(
                "schema.breaking",
                $"'{dataset}' promises backward compatibility; " +
                $"sealing version {version.Number} would break it: {CommitVersion.Describe(change)}.")
            : Decision.Accept(new VersionSealed(
                version.Number, content.ContentHash,
                ManifestHash.Compute(content.RootOn(version.Parent, version.Run, version.Message)),
                content.Files, content.Bytes, content.Rows, content.Schema, change));
    }

    private static IEnumerable<long> ObservedBefore(Dataset state, long number) => state.Observed.Where(n => n < number);

    internal sealed class Handler(WritePath writes, Gate gate, IQuerySession pages, States states, Intake intake)
        : IRequestHandler<Command, Outcome<CommitVersion.CommitReceipt>>
    {
        private const int MaxMoves = 50;

        public async Task<Outcome<CommitVersion.CommitReceipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name);
            if (gate.Ask(Act.Commit, node).Refusal is { } no)
                return no;
            var state = await states.LoadAsync<Dataset>(node.StreamId, ct);
            if (!DatasetRules.Writable(state, node, out var refusal))
                return Problem.Refused(refusal);
            if (state.Resolve(c.Version) is not { } number)
                return VersionText.NotFound(node, c.Version);

            var page = await LoadAsync(node, number, ct);
            return page.State == VersionState.Observed
                ? await SealAsync(node, page, c.Progress, ct)
                : await page.ToReceiptAsync(states, ct);
        }

        private async Task<Outcome<CommitVersion.CommitReceipt>> SealAsync(
            NodeId node, VersionPage page, IProgress<IntakeProgress>? progress, CancellationToken ct)
        {
            var read = await intake.ReadAsync(
                [.. page.Sources.Where(s => s.Path is not null).Select(s => new FileSource(s.Path, s.Uri, s.Sha256, s.Bytes))],
                [.. page.Sources.Where(s => s.Path is null).Select(s => new FolderSource(s.Uri, s.Glob, s.Prefix))],
                page.Format,
                progress,
                ct);
            if (!read.Succeeded)
                return read.Problem;
            var content = Intake.Whole(read.Value);
            if (!content.Succeeded)
                return content.Problem;

            // Earlier versions may be sealed while we look at them: then they are looked at again.
            for (var moves = 0; ; moves++)
            {
                var outcome = await CommitAsync(node, page, content.Value, await FindEarlierAsync(node, page.Number, ct), ct);
                if (outcome.Problem?.Code != "catalog.busy" || moves == MaxMoves)
                    return outcome;
            }
        }

        private async Task<Outcome<CommitVersion.CommitReceipt>> CommitAsync(
            NodeId node, VersionPage page, Content content, Earlier earlier, CancellationToken ct)
        {
            var written = await writes.DecideAsync<Dataset>(
                node.StreamId,
                state => Decide(state, node, page, content, earlier),
                ct,
                beside: (rows, _) => ManifestStore.Store(rows, content, content.RootOn(page.Parent, page.Run, page.Message)));
            return written.Decision switch
            {
                Decision.Refused refused => Problem.Refused(refused),
                Decision.Accepted accepted when accepted.Facts.OfType<VersionSealed>().FirstOrDefault() is { } made =>
                    new CommitVersion.CommitReceipt(
                        node.WithVersion(page.Number), Changed: true, written.Position, page.Number, written.StreamVersion,
                        made.ContentHash, made.SchemaChange),

                // Sealed by another meanwhile, who may have found other files.
                _ => await (await LoadAsync(node, page.Number, ct)).ToReceiptAsync(states, ct),
            };
        }

        private async Task<Earlier> FindEarlierAsync(NodeId node, long number, CancellationToken ct)
        {
            var stream = node.StreamId;
            var state = await states.LoadAsync<Dataset>(stream, ct) ?? throw new InvalidOperationException($"{node} is gone.");
            var page = await pages.Query<VersionPage>()
                .Where(v => v.Dataset == stream && v.Number < number && v.MatchesSql("d.data ->> 'schema' is not null"))
                .OrderByDescending(v => v.Number).FirstOrDefaultAsync(ct);
            return new Earlier(page?.Schema, [.. ObservedBefore(state, number)]);
        }

        private async Task<VersionPage> LoadAsync(NodeId node, long number, CancellationToken ct) =>
            await pages.LoadAsync<VersionPage>(VersionPages.Id(node.StreamId, number), ct)
                ?? throw new InvalidOperationException($"{node}@{number} has no page.");
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/datasets/{ns}/{name}/versions/{version}/seal",
                (Segment ns, Segment name, Segment version, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    Ndjson.RunAsync<IntakeProgress, CommitVersion.CommitReceipt>(
                        http, (progress, token) => mediator.Send(new Command(ns, name, version, progress), token), created: false, ct))
            .Answers<CommitVersion.CommitReceipt>(
                "SealVersion", "Read and hash what an observed version refers to", created: true, also: ProblemKind.Unprocessable);
}
