using Catalog.Access;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.PolicyProjections;
using Catalog.Usage;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Manifests;

/// <summary>
/// Gives out the bytes of one file of a version, or a range of them; for whom columns are masked or rows left out, of a file of a
/// projection.
/// </summary>
public static class ReadContent
{
    public sealed record Query(NodeId Version, string Path) : IRequest<Outcome<Answer>>;

    /// <summary>A file that may be read, and how.</summary>
    public sealed record Answer(FileEntry File, Func<long, long?, CancellationToken, Task<Stream>> OpenAsync);

    internal sealed class Handler(
        VersionLookup versions, ShownVersions shown, ManifestStore manifests, Gate gate, FileBytes bytes, Readings readings)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Version, ct);
            var may = gate.Ask(Act.ReadData, version.Value?.Node ?? q.Version, version.Value?.Tags ?? []);
            if (may.Denial is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;
            var files = await shown.OfAsync(version.Value, may, ct);
            if (!files.Succeeded)
                return files.Problem;

            var root = await manifests.LoadRootAsync(files.Value.Version.ManifestHash, ct);
            if (await manifests.FindFileAsync(root, q.Path, ct) is not { } file)
                return Problem.Of("file.not_in_version", $"'{version.Value.Node}' has no file '{q.Path}'{files.Value.ForCaller}.");
            var found = await bytes.FindAsync(file, $"'{version.Value.Node}'", ct);
            return found.Succeeded ? Counted(found.Value, readings.Begin(version.Value.Node, UsageWay.Content)) : found;
        }

        private static Answer Counted(Answer answer, Reading reading) => answer with
        {
            OpenAsync = async (offset, length, ct) => reading.Count(await answer.OpenAsync(offset, length, ct)),
        };
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
                "/v1/datasets/{ns}/{name}/versions/{version}/content",
                (Segment ns, Segment name, Segment version, [FromQuery] string path, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Dataset(ns, name, version), path, mediator, ct))
            .AnswersBytes("ReadContent", "Read a file of a dataset's version; ranges work")
            .Reads(RequestParameter.Run);
        routes.MapGet(
                "/v1/models/{ns}/{name}/versions/{version}/content",
                (Segment ns, Segment name, Segment version, [FromQuery] string path, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Model(ns, name, version), path, mediator, ct))
            .AnswersBytes("ReadArtifact", "Read a file of a model's version; ranges work")
            .Reads(RequestParameter.Run);
    }

    private static async Task<IResult> SendAsync(NodeId version, string path, IMediator mediator, CancellationToken ct)
    {
        var outcome = await mediator.Send(new Query(version, path), ct);
        return outcome.Succeeded
            ? new ByteAnswer(outcome.Value.File.Bytes, outcome.Value.File.Sha256, outcome.Value.OpenAsync)
            : new ProblemAnswer(outcome.Problem);
    }
}
