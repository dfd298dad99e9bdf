using Catalog.Features;

namespace Catalog.FeatureGenerations;

/// <summary>
/// Records that the values of a version of a view were computed. Whoever computes them writes the fact, with what else it has to say of
/// the work, and has put their bytes into the object store before.
/// </summary>
public static class RecordGeneration
{
    public static Decision Decide(FeatureView? state, FeatureGenerationBuilt built)
    {
        if (state is null)
        {
            return Decision.Refuse(
                "feature_view.not_found", $"There is no feature view that '{NodeId.Generation(built.Generation)}' was built for.");
        }

        var view = NodeId.Parse(state.Id);
        return state switch
        {
            { Retired: true } => FeatureViewRules.Retired(view),
            _ when state.FindGeneration(built.Generation) is not null => Decision.Unchanged,
            _ when built.Number < 1 || built.Number > state.Latest =>
                Decision.Refuse("version.not_found", $"'{view}' has no version {built.Number}."),
            _ when state.Versions[(int)built.Number - 1].Hash != built.DefinitionHash => Decision.Refuse(
                "feature_generation.definition_changed",
                $"'{view.WithVersion(built.Number)}' got features while '{NodeId.Generation(built.Generation)}' was built, which has no "
                + "values of them: build it again."),
            _ => Decision.Accept(built),
        };
    }
}
