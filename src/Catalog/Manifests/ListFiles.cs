using Catalog.Access;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Manifests;

/// <summary>Lists the files of a dataset's or model's version, in the order of their paths.</summary>
public static class ListFiles
{
    public sealed record Query(NodeId Version, PageRequest Page) : IRequest<Outcome<Page<FileEntry>>>;

    internal sealed class Handler(VersionLookup versions, ManifestStore manifests, Gate gate)
        : IRequestHandler<Query, Outcome<Page<FileEntry>>>
    {
        public async Task<Outcome<Page<FileEntry>>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Version, ct);
            if (gate.Ask(Act.Read, version.Value?.Node ?? q.Version, version.Value?.Tags ?? []).Refusal is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;

            var root = await manifests.LoadRootAsync(version.Value.ManifestHash, ct);
            var found = new List<FileEntry>();
            await foreach (var file in manifests.ReadFilesAsync(root, q.Page.After, ct))
            {
                found.Add(file);
                if (found.Count > q.Page.Limit)
                    break;
            }

            return q.Page.Cut(found, f => f.Path);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
                "/v1/datasets/{ns}/{name}/versions/{version}/files",
                (Segment ns, Segment name, Segment version, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Dataset(ns, name, version), page, mediator, ct))
            .Answers<Page<FileEntry>>("ListFiles", "List the files of a dataset's version");
        routes.MapGet(
                "/v1/models/{ns}/{name}/versions/{version}/files",
                (Segment ns, Segment name, Segment version, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Model(ns, name, version), page, mediator, ct))
            .Answers<Page<FileEntry>>("ListArtifacts", "List the files of a model's version");
    }

    private static async Task<IResult> SendAsync(NodeId version, PageRequest page, IMediator mediator, CancellationToken ct) =>
        (await mediator.Send(new Query(version, page), ct)).ToHttp();
}
