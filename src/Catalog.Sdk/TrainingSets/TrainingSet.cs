using System.Text.Json;
using Catalog.Features.Training;

namespace Catalog.Sdk;

/// <summary>What making a training set answered.</summary>
/// <param name="Node">The version, by number.</param>
/// <param name="Changed">False where the newest version is of the same recipe and has the same rows.</param>
/// <param name="ContentHash">Of the version.</param>
/// <param name="Recipe">SHA-256 of the recipe.</param>
/// <param name="Run">That made it.</param>
/// <param name="Rows">By part; by <c>rows</c> where they are not parted.</param>
/// <param name="LeftOut">Rows of the gaps between parts; null where nothing had to be made.</param>
/// <param name="Position">Log position that includes the version.</param>
public sealed record TrainingSetReceipt(
    NodeId Node, bool Changed, string ContentHash, string Recipe, NodeId Run, IReadOnlyDictionary<string, long> Rows, long? LeftOut,
    long Position) : IAtPosition;

/// <summary>What a training set was made of, and how.</summary>
/// <param name="Node">The version, by number.</param>
/// <param name="RecipeHash">SHA-256 of the recipe's canonical text.</param>
/// <param name="Recipe">As it was recorded.</param>
public sealed record TrainingSet(NodeId Node, string RecipeHash, TrainingRecipe Recipe);

/// <summary>Whether a training set is what its recipe makes.</summary>
/// <param name="Node">The version, by number.</param>
/// <param name="Verified">
/// Whether its files and those of its inputs are as they were committed, and making it again gave the same bytes. Never where data was
/// erased.
/// </param>
/// <param name="Extent">How much of it could be verified.</param>
/// <param name="ContentHash">That the manifest names.</param>
/// <param name="Derived">That making it again gave; null where an input is damaged, so that it was not made.</param>
/// <param name="Rows">How many were made again.</param>
/// <param name="Erased">Of it and its inputs, the versions that were erased.</param>
/// <param name="Findings">What is not as it should be.</param>
public sealed record TrainingSetVerification(
    NodeId Node, bool Verified, VerifiedExtent Extent, string ContentHash, string? Derived, long Rows, IReadOnlyList<NodeId> Erased,
    IReadOnlyList<TrainingSetFinding> Findings);

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

/// <param name="Version">The training set, or an input.</param>
/// <param name="Path">Of the file in it; empty where it is about all of it.</param>
/// <param name="Problem">In a sentence that goes on from the file.</param>
public sealed record TrainingSetFinding(NodeId Version, string Path, string Problem);

/// <summary>Where each value of one row came from.</summary>
/// <param name="Node">The training set, by number.</param>
/// <param name="Part">Of the row; null where rows are not parted.</param>
/// <param name="Row">Of the part, from 0.</param>
/// <param name="From">The version that rows come from.</param>
/// <param name="Values">By column.</param>
/// <param name="Views">Where features come from.</param>
public sealed record TrainingRowExplanation(
    NodeId Node, string? Part, long Row, NodeId From, IReadOnlyDictionary<string, JsonElement> Values, IReadOnlyList<FeatureOrigin> Views);

/// <param name="View">By number.</param>
/// <param name="As">What it is called here; null for its own name.</param>
/// <param name="Source">The version that events come from.</param>
/// <param name="Columns">That it gave.</param>
/// <param name="Count">How many events there were to choose from, or to put together in the longest window.</param>
/// <param name="Events">The latest of them, the latest first: of columns as they are, the one that holds.</param>
public sealed record FeatureOrigin(
    NodeId View, string? As, NodeId Source, IReadOnlyList<string> Columns, long Count, IReadOnlyList<EventOrigin> Events);

/// <param name="Path">Of the file in the source.</param>
/// <param name="Row">In the file, from 0.</param>
/// <param name="EventTime">When it became so.</param>
/// <param name="CreatedTime">When it was written; null where the view does not say.</param>
public sealed record EventOrigin(string Path, long Row, DateTimeOffset EventTime, DateTimeOffset? CreatedTime);
