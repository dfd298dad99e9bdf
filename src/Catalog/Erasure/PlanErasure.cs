using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Erasure;

/// <summary>Says where a subject's data is, and what erasing it would do. Nothing is changed.</summary>
public static class PlanErasure
{
    public sealed record Query(ErasureRequest Wanted, IProgress<ErasureProgress>? Progress) : IRequest<Outcome<Answer>>;

    /// <param name="Subject">Keyed hash of the subject, which is all that facts tell of it.</param>
    /// <param name="Versions">That would be succeeded by others, by dataset and number.</param>
    /// <param name="Generations">That would be dropped; what serves among them would be made anew before.</param>
    /// <param name="Objects">That would be removed from every tier.</param>
    /// <param name="Bytes">Of those.</param>
    /// <param name="Tiers">Where copies of those can be, in the order of what is fast.</param>
    /// <param name="PushedRows">Rows of the push log that would be removed.</param>
    /// <param name="Predictions">Predictions that are in no version yet and would be removed.</param>
    /// <param name="Bodies">OpenLineage events whose text would be removed.</param>
    /// <param name="Profiles">Principals whose profile would be removed.</param>
    /// <param name="Deployments">Where models serve that were trained on it.</param>
    /// <param name="FeatureViews">Versions of views whose values were made of it.</param>
    /// <param name="Remains">What would hold the subject's data still, or may.</param>
    public sealed record Answer(
        string Subject, IReadOnlyList<FoundRows> Versions, IReadOnlyList<NodeId> Generations, long Objects, long Bytes,
        IReadOnlyList<string> Tiers, long PushedRows, long Predictions, long Bodies, IReadOnlyList<string> Profiles,
        IReadOnlyList<NodeId> Deployments, IReadOnlyList<NodeId> FeatureViews, ErasureRemains Remains);

    /// <param name="Node">The version.</param>
    /// <param name="Rows">Of the subject; 0 for a training set that only was made of such.</param>
    /// <param name="Files">That have such rows.</param>
    /// <param name="TrainingSet">Whether it would be made again by its recipe.</param>
    public sealed record FoundRows(NodeId Node, long Rows, long Files, bool TrainingSet);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Wanted).SetValidator(new ErasureRequest.Validator()).OverridePropertyName("");
    }

    internal sealed class Handler(ErasureWork work, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct) =>
            gate.Ask(Act.Erase, resource: null).Refusal is { } no ? no : await work.PlanAsync(q.Wanted, q.Progress, ct);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/erasures/plan",
                (ErasureRequest body, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    Ndjson.RunAsync<ErasureProgress, Answer>(
                        http, (progress, token) => mediator.Send(new Query(body, progress), token), created: false, ct))
            .Answers<Answer>("PlanErasure", "Say where a subject's data is, and what erasing it would do");
}
