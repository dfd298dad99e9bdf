using Catalog.Access;
using Catalog.Datasets;
using Catalog.Erasure;
using Catalog.Features.Training;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Retention;
using Catalog.Storage.Columnar.PointInTime;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.TrainingSets;

/// <summary>
/// Proves a training set: hashes its files and those of all its inputs again, makes it again by its recipe, and compares what comes out by
/// hash. Nothing is stored. Where data of a subject was erased, what is left is proved, and the answer never says that all was.
/// </summary>
public static class VerifyTrainingSet
{
    public sealed record Command(NodeId Version, IProgress<TrainingProgress>? Progress) : IRequest<Outcome<Answer>>;

    /// <param name="Node">The version, by number.</param>
    /// <param name="Verified">Whether all of this is as it should be. Never where something was erased.</param>
    /// <param name="Extent">How much of it could be verified.</param>
    /// <param name="ContentHash">That the manifest names.</param>
    /// <param name="Derived">That making it again gave; null where an input is damaged, so that it was not made.</param>
    /// <param name="Rows">How many were made again.</param>
    /// <param name="Erased">Of it and its inputs, the versions that were erased.</param>
    /// <param name="Findings">What is not as it should be: the version, the file, and in a sentence why.</param>
    public sealed record Answer(
        NodeId Node, bool Verified, VerifiedExtent Extent, string ContentHash, string? Derived, long Rows, IReadOnlyList<NodeId> Erased,
        IReadOnlyList<Finding> Findings);

    /// <param name="Version">The training set, or the input.</param>
    /// <param name="Path">Of the file in it; empty where it is about all of it.</param>
    /// <param name="Problem">In a sentence.</param>
    public sealed record Finding(NodeId Version, string Path, string Problem);

    internal sealed class Handler(
        TrainingSets sets, TrainingChecks checks, TrainingJoin join, TrainingTurns turns, ErasedInputs erased, IQuerySession pages,
        Gate gate)
        : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            var found = await sets.FindAsync(c.Version, ct);
            if (gate.Ask(Act.Verify, found.Value?.Version.Node ?? c.Version, found.Value?.Version.Tags ?? []).Refusal is { } no)
                return no;
            if (!found.Succeeded)
                return found.Problem.Code == "version.erased" ? await VerifyRestAsync(c, found.Problem, ct) : found.Problem;

            using var turn = await turns.TakeAsync(ct);
            return await VerifyAsync(found.Value, c.Progress, ct);
        }

        /// <summary>A set that was erased is as good as what is left of it, and never verified itself.</summary>
        private async Task<Outcome<Answer>> VerifyRestAsync(Command c, Problem erasure, CancellationToken ct)
        {
            if (await pages.LoadAsync<VersionPage>(c.Version.ToString(), ct) is not { Tombstone: not null } page)
                return erasure;
            var node = NodeId.Parse(page.Id);
            if (await erased.FollowAsync(page, ct) is not { } successor)
                return Nothing(node, page, $"{erasure.Detail} Nothing is left of it that could be verified.");
            var rest = await sets.FindAsync(NodeId.Parse(successor.Id), ct);
            if (!rest.Succeeded)
                return Nothing(node, page, $"{erasure.Detail} That one was not made by a recipe, so that it cannot be made again.");

            using var turn = await turns.TakeAsync(ct);
            var outcome = await VerifyAsync(rest.Value, c.Progress, ct);
            return !outcome.Succeeded ? outcome.Problem : outcome.Value with
            {
                Node = node,
                Verified = false,
                Extent = outcome.Value.Extent == VerifiedExtent.None ? VerifiedExtent.None : VerifiedExtent.ExceptErased,
                ContentHash = page.ContentHash ?? "",
                Erased = [node, .. outcome.Value.Erased],
                Findings = [new(node, "", erasure.Detail), .. outcome.Value.Findings],
            };
        }

        private static Answer Nothing(NodeId node, VersionPage page, string why) => new(
            node, Verified: false, VerifiedExtent.None, page.ContentHash ?? "", Derived: null, Rows: 0, [node], [new(node, "", why)]);

        private async Task<Outcome<Answer>> VerifyAsync(
            LocatedTrainingSet set, IProgress<TrainingProgress>? progress, CancellationToken ct)
        {
            var committed = await checks.CommittedAsync(set.Version, ct);
            var inputs = await erased.ReplaceAsync(set.Recipe, ct);
            if (inputs.Recipe is not { } recipe)
            {
                return new Answer(
                    set.Version.Node, Verified: false, VerifiedExtent.None, committed.Hash, Derived: null, Rows: 0, inputs.Erased,
                    [.. inputs.Erased.Select(i => new Finding(i, "", "is not kept any more, and nothing has its place."))]);
            }

            var damage = await checks.DamageAsync(set.Version, recipe, ct);
            if (!damage.Succeeded)
                return damage.Problem;
            var answer = new Answer(
                set.Version.Node, Verified: false, VerifiedExtent.None, committed.Hash, Derived: null, Rows: 0, inputs.Erased,
                damage.Value);
            if (damage.Value.Any(f => f.Version != set.Version.Node))
                return answer;

            var open = await join.OpenAsync(recipe, ct);
            return open.Succeeded ? await CompareAsync(answer, open.Value, committed, progress, ct) : open.Problem;
        }

        private static async Task<Outcome<Answer>> CompareAsync(
            Answer answer, OpenRecipe open, CommittedFiles committed, IProgress<TrainingProgress>? progress, CancellationToken ct)
        {
            try
            {
                var files = await new TrainingFiles(open).WriteAsync(_ => Stream.Null, progress, ct);
                var made = committed.Like(files);
                List<Finding> findings =
                [
                    .. answer.Findings, .. TrainingChecks.Differences(answer.Node, open.Recipe, committed.Files, made.Files),
                ];
                var extent = findings.Count > 0 || made.Hash != committed.Hash ? VerifiedExtent.None
                    : answer.Erased.Count > 0 ? VerifiedExtent.ExceptErased
                    : VerifiedExtent.Whole;
                return answer with
                {
                    Verified = extent == VerifiedExtent.Whole,
                    Extent = extent,
                    Derived = made.Hash,
                    Rows = files.Sum(f => f.Rows),
                    Findings = findings,
                };
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

/// <summary>How much of a training set could be verified.</summary>
public enum VerifiedExtent
{
    /// <summary>Nothing: it came out otherwise, or could not be made again.</summary>
    None,

    /// <summary>
    /// What is left after data of a subject was erased: made again from what is left of the inputs, it is what is left of the set.
    /// </summary>
    ExceptErased,

    /// <summary>All of it, bit for bit.</summary>
    Whole,
}
