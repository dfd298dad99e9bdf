using Catalog.Access;
using Catalog.Features.Training;
using Catalog.Integrity;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Schemas;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.TrainingSets;

/// <summary>
/// Proves a training set: hashes its files and those of all its inputs again, makes it again by its recipe, and compares what comes out byte
/// by byte, by hash. Nothing is stored.
/// </summary>
public static class VerifyTrainingSet
{
    public sealed record Command(NodeId Version, IProgress<TrainingProgress>? Progress) : IRequest<Outcome<Answer>>;

    /// <param name="Node">The version, by number.</param>
    /// <param name="Verified">Whether all of this is as it should be.</param>
    /// <param name="ContentHash">That the manifest names.</param>
    /// <param name="Derived">That making it again gave; null where an input is damaged, so that it was not made.</param>
    /// <param name="Rows">How many were made again.</param>
    /// <param name="Findings">What is not as it should be: the version, the file, and in a sentence why.</param>
    public sealed record Answer(
        NodeId Node, bool Verified, string ContentHash, string? Derived, long Rows, IReadOnlyList<Finding> Findings);

    /// <param name="Version">The training set, or the input.</param>
    /// <param name="Path">Of the file in it; empty where it is about all of it.</param>
    /// <param name="Problem">In a sentence.</param>
    public sealed record Finding(NodeId Version, string Path, string Problem);

    internal sealed class Handler(
        TrainingSets sets, VersionLookup versions, ManifestStore manifests, Verifier verifier, TrainingJoin join, TrainingTurns turns, Gate gate)
        : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            var found = await sets.FindAsync(c.Version, ct);
            if (gate.Ask(Act.Verify, found.Value?.Version.Node ?? c.Version, found.Value?.Version.Tags ?? []).Refusal is { } no)
                return no;
            if (!found.Succeeded)
                return found.Problem;

            using var turn = await turns.TakeAsync(ct);
            var (set, recipe) = (found.Value.Version, found.Value.Recipe);
            var expected = await FilesAsync(set, ct);
            var root = await manifests.LoadRootAsync(set.ManifestHash, ct);
            var hash = ContentHash.Compute(root.Schema, expected);
            var findings = await DamageAsync(set, recipe, ct);
            if (!findings.Succeeded)
                return findings.Problem;
            if (findings.Value.Any(f => f.Version != set.Node))
                return new Answer(set.Node, Verified: false, hash, Derived: null, Rows: 0, findings.Value);

            var open = await join.OpenAsync(recipe, ct);
            if (!open.Succeeded)
                return open.Problem;
            return await CompareAsync(set, open.Value, root.Schema, expected, findings.Value, c.Progress, ct);
        }

        private async Task<Outcome<IReadOnlyList<Finding>>> DamageAsync(LocatedVersion set, TrainingRecipe recipe, CancellationToken ct)
        {
            var findings = new List<Finding>();
            foreach (var node in recipe.Views.Select(v => v.Source).Prepend(recipe.Rows.Dataset).Prepend(set.Node).Distinct())
            {
                var version = await versions.FindAsync(node, ct);
                if (!version.Succeeded)
                    return version.Problem;
                var check = await verifier.CheckAsync(version.Value.ManifestHash, progress: null, ct);
                findings.AddRange(check.Findings.Select(f => new Finding(node, f.Path, Told(f.Problem))));
            }

            return findings;
        }

        private static async Task<Outcome<Answer>> CompareAsync(
            LocatedVersion set, OpenRecipe open, TableSchema? schema, IReadOnlyList<FileEntry> expected, IReadOnlyList<Finding> damage,
            IProgress<TrainingProgress>? progress, CancellationToken ct)
        {
            try
            {
                var made = await new TrainingFiles(open).WriteAsync(_ => Stream.Null, progress, ct);
                var files = made.OrderBy(f => f.Path, LogicalPath.Order)
                    .Select(f => new FileEntry(f.Path, Uri: "", f.Bytes, f.Rows, f.Sha256)).ToList();
                var (hash, derived) = (ContentHash.Compute(schema, expected), ContentHash.Compute(schema, files));
                List<Finding> findings = [.. damage, .. Differences(set.Node, open.Recipe, expected, files)];
                return new Answer(set.Node, findings.Count == 0 && derived == hash, hash, derived, files.Sum(f => f.Rows ?? 0), findings);
            }
            catch (JoinException e)
            {
                return Problem.Of(e.Code, e.Message);
            }
        }

        private static IEnumerable<Finding> Differences(
            NodeId set, TrainingRecipe recipe, IReadOnlyList<FileEntry> expected, IReadOnlyList<FileEntry> made)
        {
            foreach (var (was, now) in expected.Zip(made).Where(f => f.First.Sha256 != f.Second.Sha256))
                yield return new(set, was.Path, $"was {was.Sha256} with {was.Rows} rows, and was made as {now.Sha256} with {now.Rows}.");
            if (!expected.Select(f => f.Sha256).SequenceEqual(made.Select(f => f.Sha256)))
            {
                if (recipe.Engine != PointInTimeJoin.Engine)
                    yield return new(set, "", $"was made by {recipe.Engine}; this server has {PointInTimeJoin.Engine}.");
                if (recipe.Writer != ParquetFileWriter.Writer)
                    yield return new(set, "", $"was written by {recipe.Writer}; this server has {ParquetFileWriter.Writer}.");
                if (recipe.Options != TrainingFiles.WriteOptions.ToString())
                    yield return new(set, "", $"was written with {recipe.Options}; this server writes with {TrainingFiles.WriteOptions}.");
            }
        }

        private async Task<List<FileEntry>> FilesAsync(LocatedVersion set, CancellationToken ct)
        {
            var files = new List<FileEntry>();
            await foreach (var file in manifests.ReadFilesAsync(await manifests.LoadRootAsync(set.ManifestHash, ct), after: null, ct))
                files.Add(file);
            return files;
        }

        private static string Told(string problem) => problem switch
        {
            Storage.Files.FileException.Changed => "has other bytes than those that were committed.",
            Storage.Files.FileException.NotFound => "is no longer there.",
            _ => "cannot be read.",
        };
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/training-sets/{ns}/{name}/versions/{version}/verify",
                (Segment ns, Segment name, Segment version, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    Ndjson.RunAsync<TrainingProgress, Answer>(
                        http, (progress, token) => mediator.Send(new Command(NodeId.Dataset(ns, name, version), progress), token),
                        created: false, ct))
            .Answers<Answer>("VerifyTrainingSet", "Make a training set again, and compare", also: ProblemKind.Unprocessable);
}
