using Catalog.Access;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Schemas;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>Reads and hashes the files that an observed version refers to, as they are now, and makes it as good as a committed one.</summary>
public static class SealVersion
{
    public sealed record Command(string Namespace, string Name, string Version, IProgress<IntakeProgress>? Progress) : IRequest<Outcome<CommitVersion.CommitReceipt>>;

    /// <summary>Pure: the content was read and hashed before.</summary>
    internal static Decision Decide(Dataset? state, NodeId dataset, VersionPage version, Content content)
    {
        if (!DatasetRules.Writable(state, dataset, out var no))
            return no;
        if (!state.Observed.Contains(version.Number))
            return Decision.Unchanged;

        var change = SchemaComparison.Compare(state.Schema, content.Schema);
        return version.Number == state.Latest && state.Compatibility == Compatibility.Backward && change.IsBreaking
            ? Decision.Refuse("schema.breaking", $"'{dataset}' promises backward compatibility; sealing version {version.Number} would break it.")
            : Decision.Accept(new VersionSealed(
                version.Number, content.ContentHash, ManifestHash.Compute(content.RootOn(version.Parent, version.Run, version.Message)), content.Files,
                content.Bytes, content.Rows, content.Schema, change));
    }

    internal sealed class Handler(WritePath writes, Gate gate, IQuerySession pages, States states, Intake intake) : IRequestHandler<Command, Outcome<CommitVersion.CommitReceipt>>
    {
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

            var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(node.StreamId, number), ct)
                ?? throw new InvalidOperationException($"{node}@{number} has no page.");
            return page.State == VersionState.Observed ? await SealAsync(node, page, c.Progress, ct) : await page.ToReceiptAsync(states, ct);
        }

        private async Task<Outcome<CommitVersion.CommitReceipt>> SealAsync(NodeId node, VersionPage page, IProgress<IntakeProgress>? progress, CancellationToken ct)
        {
            var read = await intake.ReadAsync(
                [.. page.Sources.Where(s => s.Path is not null).Select(s => new FileSource(s.Path, s.Uri))],
                [.. page.Sources.Where(s => s.Path is null).Select(s => new FolderSource(s.Uri, s.Glob, s.Prefix))],
                page.Format,
                progress,
                ct);
            if (!read.Succeeded)
                return read.Problem;

            var content = intake.Whole(read.Value);
            var written = await writes.DecideAsync<Dataset>(
                node.StreamId,
                state => Decide(state, node, page, content),
                ct,
                beside: (rows, _) => ManifestStore.Store(rows, content, content.RootOn(page.Parent, page.Run, page.Message)));
            var made = (written.Decision as Decision.Accepted)?.Facts.OfType<VersionSealed>().First();
            return written.Decision is Decision.Refused refused
                ? Problem.Refused(refused)
                : new CommitVersion.CommitReceipt(
                    node.WithVersion(page.Number), made is not null, written.Position, page.Number, written.StreamVersion, content.ContentHash, made?.SchemaChange);
        }
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
