using Catalog.Access;
using Catalog.Datasets;
using Catalog.Features.Training;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Storage.Columnar.PointInTime;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.TrainingSets;

/// <summary>Makes a training set: a version of a dataset whose rows have the features that held for each of them at its time.</summary>
public static class CreateTrainingSet
{
    public sealed record Command(string Namespace, string Name, TrainingSetSpec Spec, IProgress<TrainingProgress>? Progress)
        : IRequest<Outcome<Answer>>;

    /// <param name="Node">The version, by number.</param>
    /// <param name="Changed">False where the newest version is of the same recipe and has the same rows.</param>
    /// <param name="ContentHash">Of the version.</param>
    /// <param name="Recipe">SHA-256 of the recipe.</param>
    /// <param name="Run">That made it.</param>
    /// <param name="Rows">By part; by <c>rows</c> where they are not parted.</param>
    /// <param name="LeftOut">Rows of the gaps between parts; null where nothing had to be made.</param>
    /// <param name="Position">Log position that includes the version.</param>
    public sealed record Answer(
        NodeId Node, bool Changed, string ContentHash, string Recipe, NodeId Run, IReadOnlyDictionary<string, long> Rows, long? LeftOut,
        long Position);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Namespace).IsName();
            RuleFor(c => c.Name).IsName();
            RuleFor(c => c).FitsStream(NodeKind.Dataset, c => (c.Namespace, c.Name));
            RuleFor(c => c.Spec).SetValidator(new TrainingSetSpec.Validator()).OverridePropertyName("");
        }
    }

    internal sealed class Handler(
        Recipes recipes, TrainingJoin join, TrainingTurns turns, TrainingRun runs, TrainingUploads uploads, States states, Gate gate,
        Caller caller)
        : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            var dataset = NodeId.Dataset(c.Namespace, c.Name);
            var job = NodeId.Job(c.Namespace, c.Name);
            if ((gate.Ask(Act.Commit, dataset).Refusal ?? gate.Ask(Act.Run, job).Refusal) is { } no)
                return no;
            var state = await states.LoadAsync<Dataset>(dataset.StreamId, ct);
            if (state is null && gate.Ask(Act.Register, dataset).Refusal is { } never)
                return never;

            var recipe = await recipes.OfAsync(c.Spec, ct);
            if (!recipe.Succeeded)
                return recipe.Problem;
            if (state?.LatestRecipe == recipe.Value.Hash())
                return await runs.MadeAsync(dataset.WithVersion(state.Latest), recipe.Value.Hash(), ct);
            using var turn = await turns.TakeAsync(ct);
            var open = await join.OpenAsync(recipe.Value, ct);
            if (!open.Succeeded)
                return open.Problem;

            var owner = c.Spec.Owner ?? caller.Identity.Principal;
            var run = await runs.BeginAsync(dataset, owner, c.Spec.Documentation, recipe.Value, ct);
            return run.Succeeded ? await MakeAsync(c, dataset, open.Value, run.Value, ct) : run.Problem;
        }

        private async Task<Outcome<Answer>> MakeAsync(
            Command c, NodeId dataset, OpenRecipe open, TrainingRun.Begun run, CancellationToken ct)
        {
            try
            {
                var made = await uploads.WriteAsync(open, c.Progress, ct);
                var answer = await runs.CommitAsync(dataset, run, open.Recipe, made, c.Spec.Message, ct);
                if (!answer.Succeeded)
                    await runs.FailAsync(run, answer.Problem.Detail, CancellationToken.None);
                return answer;
            }
            catch (SplitLeakException e)
            {
                await runs.FailAsync(run, e.Message, CancellationToken.None);
                return Problem.Of("training_set.leak", e.Message);
            }
            catch (JoinException e)
            {
                await runs.FailAsync(run, e.Message, CancellationToken.None);
                return Problem.Of(e.Code, e.Message);
            }
            catch (Exception e)
            {
                // What stops the request stops the run; what is told of it is told to whoever asked.
                await runs.FailAsync(run, e is OperationCanceledException ? "It was given up." : e.Message, CancellationToken.None);
                throw;
            }
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/training-sets/{ns}/{name}",
                (Segment ns, Segment name, TrainingSetSpec spec, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    Ndjson.RunAsync<TrainingProgress, Answer>(
                        http, (progress, token) => mediator.Send(new Command(ns, name, spec, progress), token), created: true, ct))
            .Answers<Answer>(
                "CreateTrainingSet", "Make a training set by a point-in-time join", created: true, also: ProblemKind.Unprocessable);
}
