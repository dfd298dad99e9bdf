using System.Text.Json;
using System.Text.Json.Serialization;

namespace Catalog.Sdk;

/// <summary>How the values of a view are made.</summary>
/// <param name="From">The version of the dataset that all views are of: a number or an alias; the latest where left out.</param>
/// <param name="At">Events up to there count, and windows end there; now where left out.</param>
/// <param name="Full">Read all events, also where only some came since the generation that serves.</param>
/// <param name="Activate">Serve it, once it is there.</param>
/// <param name="Reason">Why.</param>
public sealed record MaterializeOptions(
    string? From = null, DateTimeOffset? At = null, bool Full = false, bool Activate = true, string? Reason = null);

/// <summary>What serves after views were materialised.</summary>
/// <param name="Generations">By view.</param>
/// <param name="Changed">False where what serves has it all.</param>
/// <param name="Activated">Whether all of them serve now.</param>
/// <param name="NotActivated">Why they do not; null where they do.</param>
/// <param name="Run">That made them; null where nothing was to be made.</param>
/// <param name="Position">Log position that includes it.</param>
public sealed record MaterializedFeatures(
    [property: JsonRequired] IReadOnlyList<MaterializedView> Generations, bool Changed, bool Activated, string? NotActivated, NodeId? Run,
    long Position) : IAtPosition;

/// <summary>A generation that was made of a view, or that serves and has it all.</summary>
/// <param name="View">By number.</param>
/// <param name="Generation">Its node.</param>
/// <param name="Sources">The dataset versions that it is of.</param>
/// <param name="AsOf">Events up to there are in it.</param>
/// <param name="Rows">Keys that have a row.</param>
/// <param name="Bytes">Of its file.</param>
/// <param name="Base">The generation that it went on from; null where all events were read.</param>
/// <param name="Changed">False where it serves already.</param>
public sealed record MaterializedView(
    NodeId View, NodeId Generation, IReadOnlyList<NodeId> Sources, DateTimeOffset AsOf, long Rows, long Bytes, NodeId? Base, bool Changed);

/// <summary>A generation beside what the join of training sets gives for the same versions and moment.</summary>
/// <param name="Generation">Its node.</param>
/// <param name="View">By number.</param>
/// <param name="Verified">Whether nothing differs.</param>
/// <param name="Rows">Keys that were compared.</param>
/// <param name="Missing">Keys that have no row, and should.</param>
/// <param name="Extra">Keys that have a row, and should not.</param>
/// <param name="Values">Values that differ.</param>
/// <param name="Differences">The first 20 of them.</param>
public sealed record GenerationVerification(
    [property: JsonRequired] NodeId Generation, NodeId View, bool Verified, long Rows, long Missing, long Extra, long Values,
    IReadOnlyList<GenerationDifference> Differences);

/// <param name="Keys">By key.</param>
/// <param name="Features">That differ.</param>
/// <param name="Expected">By feature; null where there should be no row.</param>
/// <param name="Found">By feature; null where there is none.</param>
public sealed record GenerationDifference(
    IReadOnlyDictionary<string, JsonElement> Keys, IReadOnlyList<string> Features, IReadOnlyDictionary<string, JsonElement>? Expected,
    IReadOnlyDictionary<string, JsonElement>? Found);
