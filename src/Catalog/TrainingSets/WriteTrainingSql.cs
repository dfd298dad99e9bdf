using Catalog.Access;
using Catalog.Datasets;
using Catalog.Features.Training;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Files;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.TrainingSets;

/// <summary>Writes the join of a training set as SQL, for an engine of the user's own.</summary>
public static class WriteTrainingSql
{
    private const int MostFiles = 1_000;

    /// <param name="Version">The training set.</param>
    /// <param name="Dialect">Of the engine.</param>
    /// <param name="Files">
    /// Where the engine finds files, as folders of <c>namespace/name/version</c>; null for files in place where they are, and others in the
    /// folder that the engine runs in.
    /// </param>
    public sealed record Query(NodeId Version, SqlDialect Dialect, string? Files) : IRequest<Outcome<Answer>>;

    /// <param name="Node">The training set, by number.</param>
    /// <param name="Dialect">Of the engine.</param>
    /// <param name="Sql">One statement.</param>
    public sealed record Answer(NodeId Node, SqlDialect Dialect, string Sql);

    internal sealed class Handler(TrainingSets sets, VersionLookup versions, ManifestStore manifests, IQuerySession pages, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var found = await sets.FindAsync(q.Version, ct);
            if (gate.Ask(Act.Read, found.Value?.Version.Node ?? q.Version, found.Value?.Version.Tags ?? []).Refusal is { } no)
                return no;
            if (!found.Succeeded)
                return found.Problem;

            var recipe = found.Value.Recipe;
            if (recipe.Masked is { } masked)
            {
                return Problem.Of(
                    "training_set.masked",
                    $"SQL would read columns of '{found.Value.Version.Node}' as they are, which are masked in it: "
                    + $"{string.Join(", ", masked.Select(m => m.Column))}.");
            }

            var sources = new List<SqlSource>();
            foreach (var node in recipe.Inputs())
            {
                var source = await SourceAsync(node, q.Files?.TrimEnd('/'), ct);
                if (!source.Succeeded)
                    return source.Problem;
                sources.Add(source.Value);
            }

            return new Answer(found.Value.Version.Node, q.Dialect, TrainingSql.Of(recipe, sources, q.Dialect));
        }

        private async Task<Outcome<SqlSource>> SourceAsync(NodeId node, string? folder, CancellationToken ct)
        {
            var version = await versions.FindAsync(node, ct);
            if (gate.Ask(Act.Read, node, version.Value?.Tags ?? []).Refusal is { } no)
                return no;
            if (!version.Succeeded)
                return version.Problem;
            var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(node.StreamId, version.Value.Number), ct);
            if (page is not { Schema: { } schema, Files: <= MostFiles })
            {
                return Problem.Of(
                    "training_set.too_many_files", $"'{node}' has {page?.Files} files; SQL is written over {MostFiles} at most.");
            }

            var locations = new List<string>();
            var root = await manifests.LoadRootAsync(version.Value.ManifestHash, ct);
            await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct))
            {
                locations.Add(folder is null && FileUri.IsFileUri(file.Uri)
                    ? FileUri.ToPath(file.Uri)
                    : $"{folder ?? "."}/{node.Namespace}/{node.Name}/{node.Version}/{file.Path}");
            }

            return new SqlSource(node, schema, locations);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/training-sets/{ns}/{name}/versions/{version}/sql",
                async (Segment ns, Segment name, Segment version, HttpContext http, IMediator mediator, CancellationToken ct) =>
                {
                    var dialect = QueryWords.One<SqlDialect>(http.Request.Query, "dialect") ?? SqlDialect.DuckDb;
                    var files = QueryWords.Text(http.Request.Query, "files");
                    return (await mediator.Send(new Query(NodeId.Dataset(ns, name, version), dialect, files), ct)).ToHttp();
                })
            .Reads(
                new RequestParameter("dialect", ParameterPlace.Query, "Of the engine.")
                {
                    Words = QueryWords.Of<SqlDialect>(),
                    Default = "duckDb",
                },
                new RequestParameter(
                    "files", ParameterPlace.Query,
                    "Where the engine finds files, as folders of namespace/name/version. Without it files in place are where they are, and "
                    + "others in the folder that the engine runs in."))
            .Answers<Answer>(
                "WriteTrainingSql", "Write the join of a training set as SQL", also: [ProblemKind.Conflict, ProblemKind.Unprocessable]);
}
