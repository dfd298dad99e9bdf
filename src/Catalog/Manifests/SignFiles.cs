using System.Reflection;
using Catalog.Access;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.PolicyProjections;
using Catalog.Storage.Objects;
using Catalog.Usage;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Manifests;

/// <summary>
/// Gives out addresses under which files of a version are read, whole, without a key and for a while. Who needs one longer asks again. For
/// whom columns are masked or rows left out, the files are those of a projection.
/// </summary>
public static class SignFiles
{
    public sealed record Query(NodeId Version, Choice Files, PageRequest Page) : IRequest<Outcome<FilesPage<SignedFile>>>;

    /// <summary>Which files, and for how long.</summary>
    /// <param name="Prefix">What their paths begin with; null for all.</param>
    /// <param name="Path">Of the only one; null for all.</param>
    /// <param name="Lifetime">One second to seven days; null for what the server was told.</param>
    public sealed record Choice(string? Prefix, string? Path, TimeSpan? Lifetime) : IEndpointParameterMetadataProvider
    {
        public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
        {
            builder.Metadata.Add(new RequestParameter("prefix", ParameterPlace.Query, "What the files' paths begin with."));
            builder.Metadata.Add(new RequestParameter("path", ParameterPlace.Query, "The path of the only file wanted."));
            builder.Metadata.Add(new RequestParameter(
                "lifetimeSeconds", ParameterPlace.Query, "How long the addresses are good; what the server was told when it is left out.")
            {
                Range = (UrlOptions.MinSeconds, UrlOptions.MaxSeconds),
            });
        }

        public static ValueTask<Choice> BindAsync(HttpContext http)
        {
            var query = http.Request.Query;
            var (prefix, path) = (QueryWords.Text(query, "prefix"), QueryWords.Text(query, "path"));
            if (prefix is not null && path is not null)
                throw new ProblemException(Problem.Field("request.invalid", "path", "'path' and 'prefix' cannot both be given."));
            var seconds = PageRequest.Number(query, "lifetimeSeconds", 0, UrlOptions.MinSeconds, UrlOptions.MaxSeconds);
            return ValueTask.FromResult(new Choice(prefix, path, seconds == 0 ? null : TimeSpan.FromSeconds(seconds)));
        }
    }

    internal sealed class Handler(
        VersionLookup versions, ShownVersions shown, ManifestStore manifests, Gate gate, FileGrants grants, Readings readings)
        : IRequestHandler<Query, Outcome<FilesPage<SignedFile>>>
    {
        public async Task<Outcome<FilesPage<SignedFile>>> Handle(Query q, CancellationToken ct)
        {
            var version = await versions.FindAsync(q.Version, ct);
            var may = gate.Ask(Act.ReadData, version.Value?.Node ?? q.Version, version.Value?.Tags ?? []);
            if (may.Denial is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;
            var files = await shown.OfAsync(version.Value, may, ct);
            return files.Succeeded ? await SignAsync(files.Value, q, ct) : files.Problem;
        }

        private async Task<Outcome<FilesPage<SignedFile>>> SignAsync(ShownVersion of, Query q, CancellationToken ct)
        {
            var root = await manifests.LoadRootAsync(of.Version.ManifestHash, ct);
            if (q.Files.Path is not { } path)
                return await SignAsync(of, q.Page.Cut(await ListAsync(root, q, ct), f => f.Path), q.Files.Lifetime, ct);
            return await manifests.FindFileAsync(root, path, ct) is { } file
                ? await SignAsync(of, new Page<FileEntry>([file], Next: null), q.Files.Lifetime, ct)
                : Problem.Of("file.not_in_version", $"'{of.Version.Node}' has no file '{path}'{of.ForCaller}.");
        }

        private async Task<List<FileEntry>> ListAsync(ManifestRoot root, Query q, CancellationToken ct)
        {
            var found = new List<FileEntry>();
            await foreach (var file in manifests.ReadFilesAsync(root, q.Page.After, q.Files.Prefix, ct))
            {
                found.Add(file);
                if (found.Count > q.Page.Limit)
                    break;
            }

            return found;
        }

        private async Task<FilesPage<SignedFile>> SignAsync(
            ShownVersion of, Page<FileEntry> files, TimeSpan? lifetime, CancellationToken ct)
        {
            var reading = readings.Begin(of.Version.Node, UsageWay.Signed);
            var signed = new List<SignedFile>(files.Items.Count);
            foreach (var file in files.Items)
                signed.Add(SignedFile.Of(file, await grants.GrantAsync(of.Version, file, lifetime, reading, ct)));
            return new FilesPage<SignedFile>(signed, files.Next, of.Projection);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(
                "/v1/datasets/{ns}/{name}/versions/{version}/files/signed",
                (Segment ns, Segment name, Segment version, Choice files, PageRequest page,
                    HttpContext http, IMediator mediator, PublicAddress here, CancellationToken ct) =>
                    SendAsync(new Query(NodeId.Dataset(ns, name, version), files, page), http, mediator, here, ct))
            .Reads(RequestParameter.Run)
            .Answers<FilesPage<SignedFile>>("SignFiles", "Have addresses of the files of a dataset's version signed");
        routes.MapGet(
                "/v1/models/{ns}/{name}/versions/{version}/files/signed",
                (Segment ns, Segment name, Segment version, Choice files, PageRequest page,
                    HttpContext http, IMediator mediator, PublicAddress here, CancellationToken ct) =>
                    SendAsync(new Query(NodeId.Model(ns, name, version), files, page), http, mediator, here, ct))
            .Reads(RequestParameter.Run)
            .Answers<FilesPage<SignedFile>>("SignArtifacts", "Have addresses of the files of a model's version signed");
    }

    /// <summary>Addresses are secrets: nobody between is to keep the answer.</summary>
    private static async Task<IResult> SendAsync(
        Query query, HttpContext http, IMediator mediator, PublicAddress here, CancellationToken ct)
    {
        var outcome = await mediator.Send(query, ct);
        if (!outcome.Succeeded)
            return new ProblemAnswer(outcome.Problem);
        http.Response.Headers.CacheControl = "no-store";
        var files = outcome.Value.Items.Select(f => f with { Url = here.Of(http.Request, f.Url) });
        return TypedResults.Json(outcome.Value with { Items = [.. files] });
    }
}

/// <summary>A file that may be read, and where.</summary>
/// <param name="Path">In the version.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">Lower-case hex, of the whole: what is read is to be compared with it.</param>
/// <param name="Url">To GET from, ranges included.</param>
/// <param name="Headers">To be sent along as they are.</param>
/// <param name="ExpiresAt">From then on the address is refused, and another is to be asked for.</param>
public sealed record SignedFile(
    string Path, long Bytes, string Sha256, Uri Url, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt)
{
    internal static SignedFile Of(FileEntry file, SignedUrl url) =>
        new(file.Path, file.Bytes, file.Sha256, url.Url, url.Headers, url.ExpiresAt);
}
