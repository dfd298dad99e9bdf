using Catalog.Access;
using Catalog.Features.Training;
using Catalog.Lineage;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.TrainingSets;

/// <summary>Shows what a training set was made of, and how.</summary>
public static class ShowTrainingSet
{
    public sealed record Query(NodeId Version) : IRequest<Outcome<Answer>>;

    /// <param name="Node">The version, by number.</param>
    /// <param name="RecipeHash">SHA-256 of the recipe's canonical text.</param>
    /// <param name="Recipe">As it was recorded; what the caller may not see in it stands under another name.</param>
    public sealed record Answer(NodeId Node, string RecipeHash, TrainingRecipe Recipe);

    internal sealed class Handler(TrainingSets sets, LineageSight sight, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var found = await sets.FindAsync(q.Version, ct);
            if (gate.Ask(Act.Read, found.Value?.Version.Node ?? q.Version, found.Value?.Version.Tags ?? []).Refusal is { } no)
                return no;
            return found.Succeeded
                ? sight.ShowAll(new Answer(found.Value.Version.Node, found.Value.Recipe.Hash(), found.Value.Recipe))
                : found.Problem;
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/training-sets/{ns}/{name}/versions/{version}",
                async (Segment ns, Segment name, Segment version, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(NodeId.Dataset(ns, name, version)), ct)).ToHttp())
            .Answers<Answer>("ShowTrainingSet", "Show what a training set was made of", also: ProblemKind.Conflict);
}

/// <summary>A version that was derived by a recipe.</summary>
internal sealed record LocatedTrainingSet(LocatedVersion Version, TrainingRecipe Recipe);

/// <summary>Finds training sets by number or alias.</summary>
internal sealed class TrainingSets(VersionLookup versions, ManifestStore manifests)
{
    public async Task<Outcome<LocatedTrainingSet>> FindAsync(NodeId version, CancellationToken ct)
    {
        var found = await versions.FindAsync(version, ct);
        if (!found.Succeeded)
            return found.Problem;
        var root = await manifests.LoadRootAsync(found.Value.ManifestHash, ct);
        return root.Recipe is { } recipe
            ? new LocatedTrainingSet(found.Value, TrainingRecipe.Parse(recipe))
            : Problem.Of("training_set.none", $"'{found.Value.Node}' is no training set: it was brought as it is, by no recipe.");
    }
}
