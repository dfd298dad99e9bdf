using Catalog.Access;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;
using Catalog.Usage;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Manifests;

/// <summary>Gives out the bytes of one file of a version, or a range of them.</summary>
public static class ReadContent
{
    public sealed record Query(NodeId Version, string Path) : IRequest<Outcome<Answer>>;

    /// <summary>A file that may be read, and how.</summary>
    public sealed record Answer(FileEntry File, Func<long, long?, CancellationToken, Task<Stream>> OpenAsync);

    internal sealed class Handler(
        VersionLookup versions, ManifestStore manifests, Gate gate, ContentStore objects, AllowedRoots roots, Readings readings)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Version, ct);
            if (gate.Ask(Act.ReadData, version.Value?.Node ?? q.Version, version.Value?.Tags ?? []).Refusal is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;

            var root = await manifests.LoadRootAsync(version.Value.ManifestHash, ct);
            if (await manifests.FindFileAsync(root, q.Path, ct) is not { } file)
                return Problem.Of("file.not_in_version", $"'{version.Value.Node}' has no file '{q.Path}'.");
            var answer = ContentStore.TryParseUri(file.Uri, out var sha256)
                ? await OpenObjectAsync(version.Value.Node, file, sha256, ct)
                : OpenInPlace(file);
            return answer.Succeeded ? Counted(answer.Value, readings.Begin(version.Value.Node, UsageWay.Content)) : answer;
        }

        private static Answer Counted(Answer answer, Reading reading) => answer with
        {
            OpenAsync = async (offset, length, ct) => reading.Count(await answer.OpenAsync(offset, length, ct)),
        };

        private async Task<Outcome<Answer>> OpenObjectAsync(NodeId version, FileEntry file, string sha256, CancellationToken ct) =>
            await objects.FindAsync(sha256, ct) is null
                ? Problem.Of("object.not_found", $"The bytes of '{file.Path}' of '{version}' are missing from the object store.")
                : new Answer(file, (offset, length, token) => objects.OpenReadAsync(sha256, offset, length, token));

        private Outcome<Answer> OpenInPlace(FileEntry file)
        {
            try
            {
                return roots.ResolveFile(file.Uri).Bytes == file.Bytes
                    ? new Answer(file, (offset, _, _) => Task.FromResult<Stream>(OpenAt(file.Uri, offset)))
                    : Problem.Of("file.changed", $"'{file.Path}' is no longer the file that was committed: its size differs.");
            }
            catch (FileException e)
            {
                return Problem.Of(e.Code, e.Message);
            }
        }

        private FileStream OpenAt(string uri, long offset)
        {
            var stream = roots.OpenRead(uri);
            stream.Position = offset;
            return stream;
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
                "/v1/datasets/{ns}/{name}/versions/{version}/content",
                (Segment ns, Segment name, Segment version, [FromQuery] string path, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Dataset(ns, name, version), path, mediator, ct))
            .AnswersBytes("ReadContent", "Read a file of a dataset's version; ranges work");
        routes.MapGet(
                "/v1/models/{ns}/{name}/versions/{version}/content",
                (Segment ns, Segment name, Segment version, [FromQuery] string path, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Model(ns, name, version), path, mediator, ct))
            .AnswersBytes("ReadArtifact", "Read a file of a model's version; ranges work");
    }

    private static async Task<IResult> SendAsync(NodeId version, string path, IMediator mediator, CancellationToken ct)
    {
        var outcome = await mediator.Send(new Query(version, path), ct);
        return outcome.Succeeded
            ? new ByteAnswer(outcome.Value.File.Bytes, outcome.Value.File.Sha256, outcome.Value.OpenAsync)
            : new ProblemAnswer(outcome.Problem);
    }
}
