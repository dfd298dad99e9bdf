using Catalog.Features;

namespace Catalog.FeatureGenerations;

/// <summary>A generation of a view's values as a reader sees it.</summary>
/// <param name="Node">Its node: <c>generation:0198…</c>.</param>
/// <param name="View">The version of the view: <c>feature-view:demo/origin_delays@2</c>.</param>
/// <param name="Active">Whether it serves that version.</param>
/// <param name="DefinitionHash">Of what the version was when the values were computed.</param>
/// <param name="Sources">The dataset versions that the events came from.</param>
/// <param name="AsOf">The time that the values hold at.</param>
/// <param name="PushedThrough">Values that were pushed up to this number are in it; 0 for none.</param>
/// <param name="Base">The generation whose values it began with; null where all were computed anew.</param>
/// <param name="Run">The run that computed them; null where none was told.</param>
/// <param name="Rows">How many keys have values.</param>
/// <param name="Bytes">Size of its object.</param>
/// <param name="Sha256">Of the object's bytes.</param>
/// <param name="Engine">What computed them, with its version.</param>
/// <param name="BuiltAt">When it was recorded.</param>
/// <param name="BuiltBy">By whom.</param>
/// <param name="DroppedAt">When it was dropped; null where it was not.</param>
/// <param name="DroppedBecause">Why.</param>
public sealed record FeatureGeneration(
    NodeId Node, NodeId View, bool Active, string DefinitionHash, IReadOnlyList<GenerationSource> Sources, DateTimeOffset AsOf,
    long PushedThrough, NodeId? Base, NodeId? Run, long Rows, long Bytes, string Sha256, string Engine, DateTimeOffset BuiltAt,
    string? BuiltBy, DateTimeOffset? DroppedAt, string? DroppedBecause)
{
    internal static FeatureGeneration Of(FeatureGenerationPage page, FeatureViewPage view)
    {
        var built = page.Built;
        return new FeatureGeneration(
            NodeId.Generation(built.Generation), NodeId.Parse(page.View).WithVersion(page.Number),
            view.Versions[(int)page.Number - 1].Active == built.Generation, built.DefinitionHash, built.Sources, built.AsOf,
            built.PushedThrough, built.Base is { } from ? NodeId.Generation(from) : null, built.Run is { } run ? NodeId.Run(run) : null,
            built.Rows, built.Bytes, built.Sha256, built.Engine, page.BuiltAt, page.BuiltBy, page.DroppedAt, page.DroppedBecause);
    }
}
