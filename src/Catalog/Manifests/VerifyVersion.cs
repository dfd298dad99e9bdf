using Catalog.Access;
using Catalog.Datasets;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Manifests;

/// <summary>Hashes a version's files again, compares them with its manifest, and records the outcome.</summary>
public static class VerifyVersion
{
    public sealed record Command(NodeId Version, IProgress<IntakeProgress>? Progress) : IRequest<Outcome<Answer>>;

    /// <param name="Node">The version, by number.</param>
    /// <param name="Verified">Whether every file is as the manifest says.</param>
    /// <param name="Files">Files looked at.</param>
    /// <param name="Bytes">Their sizes together, by the manifest.</param>
    /// <param name="Failures">The files that are not as they should be; at most 1,000.</param>
    /// <param name="Position">Log position of the recorded outcome.</param>
    public sealed record Answer(NodeId Node, bool Verified, long Files, long Bytes, IReadOnlyList<FileFinding> Failures, long Position);

    internal sealed class Handler(VersionLookup versions, Verifier verifier, WritePath writes, Gate gate)
        : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            var version = await versions.FindAsync(c.Version, ct);
            if (gate.Ask(Act.Verify, version.Value?.Node ?? c.Version, version.Value?.Tags ?? []).Refusal is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;

            var (node, number, manifest) = version.Value;
            var found = await verifier.CheckAsync(manifest, c.Progress, ct);
            var written = node.Kind == NodeKind.Dataset
                ? await writes.DecideAsync<Dataset>(
                    node.StreamId,
                    _ => Decision.Accept(new VersionVerified(number, found.Intact, found.Files, found.Bytes, found.Findings)), ct)
                : await writes.DecideAsync<Model>(
                    node.StreamId,
                    _ => Decision.Accept(new ModelVersionVerified(number, found.Intact, found.Files, found.Bytes, found.Findings)), ct);
            return new Answer(node, found.Intact, found.Files, found.Bytes, found.Findings, written.Position);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
                "/v1/datasets/{ns}/{name}/versions/{version}/verify",
                (Segment ns, Segment name, Segment version, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Dataset(ns, name, version), http, mediator, ct))
            .Answers<Answer>("VerifyVersion", "Hash a version's files again and record the outcome", also: ProblemKind.Unprocessable);
        routes.MapPost(
                "/v1/models/{ns}/{name}/versions/{version}/verify",
                (Segment ns, Segment name, Segment version, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Model(ns, name, version), http, mediator, ct))
            .Answers<Answer>(
                "VerifyModelVersion", "Hash a model version's files again and record the outcome", also: ProblemKind.Unprocessable);
    }

    private static Task<IResult> SendAsync(NodeId version, HttpContext http, IMediator mediator, CancellationToken ct) =>
        Ndjson.RunAsync<IntakeProgress, Answer>(
            http, (progress, token) => mediator.Send(new Command(version, progress), token), created: false, ct);
}
