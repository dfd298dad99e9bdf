using System.Text.Json.Serialization;

namespace Catalog.Sdk;

/// <summary>Values of a version of a feature view, computed once and never changed.</summary>
/// <param name="Node"><c>generation:0198…</c></param>
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
    [property: JsonRequired] NodeId Node,
    NodeId View,
    bool Active,
    string DefinitionHash,
    IReadOnlyList<GenerationSource> Sources,
    DateTimeOffset AsOf,
    long PushedThrough,
    NodeId? Base,
    NodeId? Run,
    long Rows,
    long Bytes,
    string Sha256,
    string Engine,
    DateTimeOffset BuiltAt,
    string? BuiltBy,
    DateTimeOffset? DroppedAt,
    string? DroppedBecause)
{
    /// <summary>As activating and dropping name it.</summary>
    [JsonIgnore]
    public Guid Id => Guid.Parse(Node.Name);
}

/// <summary>A dataset version that events of a generation came from.</summary>
/// <param name="Version">By number: <c>dataset:demo/landings@3</c>.</param>
/// <param name="ContentHash">Of its files.</param>
/// <param name="Position">Log position of the version.</param>
public sealed record GenerationSource(NodeId Version, string ContentHash, long Position);

/// <summary>What serves after generations were activated, or activations taken back.</summary>
/// <param name="Views">Each version of a view that it was about.</param>
/// <param name="Changed">False when all was so already.</param>
/// <param name="Position">Log position that includes it.</param>
/// <param name="Activation">Shared by what was activated, or taken back, together; null where nothing changed.</param>
public sealed record SwitchedGenerations(
    [property: JsonRequired] IReadOnlyList<SwitchedGeneration> Views, bool Changed, long Position, Guid? Activation = null) : IAtPosition;

/// <summary>What serves a version of a view.</summary>
/// <param name="View">The version, by number.</param>
/// <param name="Generation">That serves now.</param>
/// <param name="Before">That served before; null where none did.</param>
public sealed record SwitchedGeneration(NodeId View, NodeId Generation, NodeId? Before);
