namespace Catalog.FeatureGenerations;

/// <summary>The values of a version of a feature view were computed, and lie in the object store to be served.</summary>
/// <param name="Generation">Its id.</param>
/// <param name="Number">Of the view's version.</param>
/// <param name="DefinitionHash">Of what that version was when the values were computed.</param>
/// <param name="Sources">The dataset versions that the events came from.</param>
/// <param name="AsOf">The time that the values hold at.</param>
/// <param name="PushedThrough">Values that were pushed up to this number are in it; 0 for none.</param>
/// <param name="Base">The generation whose values it began with; null where all were computed anew.</param>
/// <param name="Run">The run that computed them.</param>
/// <param name="Rows">How many keys have values.</param>
/// <param name="Bytes">Size of the object.</param>
/// <param name="Sha256">Of the object's bytes, lower-case hexadecimal: where they are found.</param>
/// <param name="Engine">What computed them, with its version.</param>
public sealed record FeatureGenerationBuilt(
    Guid Generation,
    long Number,
    string DefinitionHash,
    IReadOnlyList<GenerationSource> Sources,
    DateTimeOffset AsOf,
    long PushedThrough,
    Guid? Base,
    Guid? Run,
    long Rows,
    long Bytes,
    string Sha256,
    string Engine);

/// <summary>A dataset version that events of a generation came from.</summary>
/// <param name="Version">By number: <c>dataset:demo/landings@3</c>.</param>
/// <param name="ContentHash">Of its files.</param>
/// <param name="Position">Log position of the version.</param>
public sealed record GenerationSource(NodeId Version, string ContentHash, long Position);

/// <summary>A generation serves a version of a feature view from here on, in place of the one that did.</summary>
/// <param name="Number">Of the view's version.</param>
/// <param name="Generation">That serves.</param>
/// <param name="Activation">Shared by all generations that were activated together.</param>
/// <param name="Reason">Why, in people's words.</param>
public sealed record FeatureGenerationActivated(long Number, Guid Generation, Guid Activation, string? Reason);

/// <summary>An activation was taken back: what served a version of a feature view before serves it again.</summary>
/// <param name="Number">Of the view's version.</param>
/// <param name="From">The generation that served.</param>
/// <param name="To">The one that serves again.</param>
/// <param name="Activation">That was taken back.</param>
/// <param name="Reason">Why, in people's words.</param>
public sealed record FeatureGenerationRolledBack(long Number, Guid From, Guid To, Guid Activation, string? Reason);

/// <summary>A generation is not served any more, and its bytes may be freed.</summary>
public sealed record FeatureGenerationDropped(Guid Generation, string Reason);
