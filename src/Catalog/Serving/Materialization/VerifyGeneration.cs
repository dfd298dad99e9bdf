using Catalog.Access;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Storage.Columnar.PointInTime;
using Catalog.Storage.Hot;
using Catalog.Storage.Objects;
using Catalog.TrainingSets;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Serving.Materialization;

/// <summary>
/// Compares a generation, value by value, with what the point-in-time join of training sets gives for the same versions and moment: what is
/// served is what a model was trained on, or every difference is counted.
/// </summary>
public static class VerifyGeneration
{
    private const int MostShown = 20;

    public sealed record Command(Guid Generation) : IRequest<Outcome<Answer>>;

    /// <param name="Generation">Its node.</param>
    /// <param name="View">By number.</param>
    /// <param name="Verified">Whether nothing differs.</param>
    /// <param name="Rows">Keys that were compared.</param>
    /// <param name="Missing">Keys that have no row, and should.</param>
    /// <param name="Extra">Keys that have a row, and should not.</param>
    /// <param name="Values">Values that differ.</param>
    /// <param name="Differences">The first of them.</param>
    public sealed record Answer(
        NodeId Generation, NodeId View, bool Verified, long Rows, long Missing, long Extra, long Values,
        IReadOnlyList<Difference> Differences);

    /// <param name="Keys">By key.</param>
    /// <param name="Features">That differ.</param>
    /// <param name="Expected">By feature; null where there should be no row.</param>
    /// <param name="Found">By feature; null where there is none.</param>
    public sealed record Difference(
        IReadOnlyDictionary<string, object?> Keys, IReadOnlyList<string> Features, IReadOnlyDictionary<string, object?>? Expected,
        IReadOnlyDictionary<string, object?>? Found);

    internal sealed class Handler(
        GenerationLookup generations, States states, GenerationSources sources, ExpectedValues expected, HotFiles files,
        MaterializationTurns turns, Gate gate) : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Generation(c.Generation);
            if (gate.Ask(Act.Verify, node).Refusal is { } never)
                return never;
            var found = await generations.FindAsync([c.Generation], ct);
            if (!found.Succeeded)
                return found.Problem;
            var page = found.Value[0];
            var view = NodeId.Parse(page.View).WithVersion(page.Number);
            var state = await states.LoadAsync<FeatureView>(page.View, ct)
                ?? throw new InvalidOperationException($"There is no '{page.View}' that '{node}' was built for.");
            if ((gate.Ask(Act.ReadData, view, state.Tags).Refusal ?? AskSources(page.Built)) is { } no)
                return no;
            if (page.Dropped)
                return Problem.Of("feature_generation.dropped", $"'{node}' was dropped, and its bytes may be gone.");

            using var turn = await turns.TakeAsync([$"verify {view}"], ct);
            try
            {
                return await VerifyAsync(page.Built, view, state.Versions[(int)page.Number - 1].Definition, ct);
            }
            catch (JoinException e)
            {
                return Problem.Of(e.Code, e.Message);
            }
            catch (GenerationException e)
            {
                return Problem.Of("feature_generation.damaged", $"'{node}' cannot be read: {e.Message}");
            }
            catch (ObjectStoreException e) when (e.Error == ObjectStoreError.NotFound)
            {
                return Problem.Of("feature_generation.damaged", $"The bytes of '{node}' are not in the object store.");
            }
        }

        private Problem? AskSources(FeatureGenerationBuilt built) =>
            built.Sources.Select(s => gate.Ask(Act.ReadData, s.Version).Refusal).FirstOrDefault(r => r is not null);

        private async Task<Outcome<Answer>> VerifyAsync(
            FeatureGenerationBuilt built, NodeId view, FeatureDefinition now, CancellationToken ct)
        {
            var stored = await files.OpenAsync(ActiveGeneration.Of(built, now), ct);
            var pinned = new List<PinnedSource>();
            foreach (var source in built.Sources)
            {
                var isPushed = source.Version.StreamId == SealPushes.DatasetOf(view).StreamId;
                var found = await sources.PinAsync(source.Version, isPushed, ct);
                if (!found.Succeeded)
                    return found.Problem;
                pinned.Add(found.Value);
            }

            var order = new GenerationOrder(view, stored.Header.Definition, pinned, built.AsOf);
            var wanted = await expected.MakeAsync(order, ct);
            var differences = await Task.Run(() => new GenerationComparison(wanted, stored, MostShown).Compare(ct), ct);
            return new Answer(
                NodeId.Generation(built.Generation), view, differences.AreNone, differences.Rows, differences.Missing, differences.Extra,
                differences.Values, [.. differences.Shown.Select(d => Shown(d, order.Definition))]);
        }

        private static Difference Shown(DifferentRow row, FeatureDefinition definition)
        {
            string[] keys = [.. definition.Keys().Select(k => k.Name)];
            var any = row.Expected ?? row.Found ?? throw new InvalidOperationException("A difference of nothing.");
            return new(
                Cells(any, keys), row.Features,
                row.Expected is { } expected ? Cells(expected, row.Features) : null,
                row.Found is { } found ? Cells(found, row.Features) : null);
        }

        private static IReadOnlyDictionary<string, object?> Cells(Apache.Arrow.RecordBatch row, IEnumerable<string> columns) =>
            columns.ToDictionary(c => c, c => ArrowCells.Of(row.Column(c), 0), StringComparer.Ordinal);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-generations/{id:guid}/verify",
                async (Guid id, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Command(id), ct)).ToHttp())
            .Answers<Answer>(
                "VerifyGeneration", "Compare a generation with the point-in-time join",
                also: [ProblemKind.NotFound, ProblemKind.Unprocessable]);
}
