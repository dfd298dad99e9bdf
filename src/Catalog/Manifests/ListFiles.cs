using Catalog.Access;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.PolicyProjections;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Manifests;

/// <summary>
/// Lists the files of a dataset's or model's version, in the order of their paths; for whom columns are masked or rows left out, those of a
/// projection, since names and sizes of others would tell of what is not shown.
/// </summary>
public static class ListFiles
{
    public sealed record Query(NodeId Version, PageRequest Page) : IRequest<Outcome<FilesPage<FileEntry>>>;

    internal sealed class Handler(VersionLookup versions, ShownVersions shown, ManifestStore manifests, Gate gate)
        : IRequestHandler<Query, Outcome<FilesPage<FileEntry>>>
    {
        public async Task<Outcome<FilesPage<FileEntry>>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Version, ct);
            if (gate.Ask(Act.Read, version.Value?.Node ?? q.Version, version.Value?.Tags ?? []).Refusal is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;
            var files = await ShownAsync(version.Value, ct);
            return files.Succeeded ? await ListAsync(files.Value, q.Page, ct) : files.Problem;
        }

        /// <summary>Who may not read the data, or gets no files of it, may know of the version what its page says, too.</summary>
        private async Task<Outcome<ShownVersion>> ShownAsync(LocatedVersion version, CancellationToken ct)
        {
            var reading = gate.Foresee(version.Node, version.Tags);
            return reading.Refusal is null || reading.Denial is not null || !await shown.IsTableAsync(version, ct)
                ? new ShownVersion(version, Made: null)
                : await shown.OfAsync(version, reading, ct);
        }

        private async Task<Outcome<FilesPage<FileEntry>>> ListAsync(ShownVersion of, PageRequest asked, CancellationToken ct)
        {
            var root = await manifests.LoadRootAsync(of.Version.ManifestHash, ct);
            var found = new List<FileEntry>();
            await foreach (var file in manifests.ReadFilesAsync(root, asked.After, ct))
            {
                found.Add(file);
                if (found.Count > asked.Limit)
                    break;
            }

            var page = asked.Cut(found, f => f.Path);
            return new FilesPage<FileEntry>(page.Items, page.Next, of.Projection);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
                "/v1/datasets/{ns}/{name}/versions/{version}/files",
                (Segment ns, Segment name, Segment version, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Dataset(ns, name, version), page, mediator, ct))
            .Answers<FilesPage<FileEntry>>("ListFiles", "List the files of a dataset's version");
        routes.MapGet(
                "/v1/models/{ns}/{name}/versions/{version}/files",
                (Segment ns, Segment name, Segment version, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    SendAsync(NodeId.Model(ns, name, version), page, mediator, ct))
            .Answers<FilesPage<FileEntry>>("ListArtifacts", "List the files of a model's version");
    }

    private static async Task<IResult> SendAsync(NodeId version, PageRequest page, IMediator mediator, CancellationToken ct) =>
        (await mediator.Send(new Query(version, page), ct)).ToHttp();
}
