using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar.PointInTime;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.TrainingSets;

/// <summary>
/// Proves a training set: hashes its files and those of all its inputs again, makes it again by its recipe, and compares what comes out by
/// hash. Nothing is stored.
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

    internal sealed class Handler(TrainingSets sets, TrainingChecks checks, TrainingJoin join, TrainingTurns turns, Gate gate)
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
            var committed = await checks.CommittedAsync(set, ct);
            var damage = await checks.DamageAsync(set, recipe, ct);
            if (!damage.Succeeded)
                return damage.Problem;
            if (damage.Value.Any(f => f.Version != set.Node))
                return new Answer(set.Node, Verified: false, committed.Hash, Derived: null, Rows: 0, damage.Value);

            var open = await join.OpenAsync(recipe, ct);
            return open.Succeeded ? await CompareAsync(set.Node, open.Value, committed, damage.Value, c.Progress, ct) : open.Problem;
        }

        private static async Task<Outcome<Answer>> CompareAsync(
            NodeId set, OpenRecipe open, CommittedFiles committed, IReadOnlyList<Finding> damage, IProgress<TrainingProgress>? progress,
            CancellationToken ct)
        {
            try
            {
                var files = await new TrainingFiles(open).WriteAsync(_ => Stream.Null, progress, ct);
                var made = committed.Like(files);
                List<Finding> findings = [.. damage, .. TrainingChecks.Differences(set, open.Recipe, committed.Files, made.Files)];
                return new Answer(
                    set, findings.Count == 0 && made.Hash == committed.Hash, committed.Hash, made.Hash, files.Sum(f => f.Rows), findings);
            }
            catch (JoinException e)
            {
                return Problem.Of(e.Code, e.Message);
            }
        }
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
