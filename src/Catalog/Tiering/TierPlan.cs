using Catalog.Tiers;

namespace Catalog.Tiering;

/// <summary>What applying the policies as they are now would change.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Tiers">What is in each tier before and after.</param>
/// <param name="Moves">Objects that would be brought from one place to another.</param>
/// <param name="Versions">Versions that belong in another tier than warm, or have something to move: those with most bytes first.</param>
/// <param name="MoreVersions">How many such versions are not listed.</param>
/// <param name="InPlaceBytes">Of files that stay in folders of others: no policy moves them.</param>
/// <param name="MissingObjects">Objects that versions have and that are in no tier.</param>
/// <param name="Costs">Null until prices were declared.</param>
/// <param name="Notes">What the policies want and this server cannot do, in sentences.</param>
public sealed record TierPlan(
    DateTimeOffset At,
    IReadOnlyList<TierContent> Tiers,
    IReadOnlyList<TierMove> Moves,
    IReadOnlyList<PlannedVersion> Versions,
    long MoreVersions,
    long InPlaceBytes,
    long MissingObjects,
    PlanCosts? Costs,
    IReadOnlyList<string> Notes);

/// <param name="Tier">Each object is in one: what is hot is not counted as warm.</param>
public sealed record TierContent(Tier Tier, long ObjectsBefore, long BytesBefore, long ObjectsAfter, long BytesAfter);

/// <param name="From">Where the objects are.</param>
/// <param name="To">Where they belong.</param>
public sealed record TierMove(Tier From, Tier To, long Objects, long Bytes);

/// <param name="Node">By number.</param>
/// <param name="Tier">That it belongs in. Objects that it shares with another version go to the faster tier of the two.</param>
/// <param name="Reason">Why.</param>
/// <param name="Bytes">Of its files in the catalog's own storage.</param>
/// <param name="MovingBytes">Of those, what would move.</param>
/// <param name="LastReadAt">Null where no read is known.</param>
public sealed record PlannedVersion(NodeId Node, Tier Tier, string Reason, long Bytes, long MovingBytes, DateTimeOffset? LastReadAt);

/// <summary>Costs before and after, in the currency of the price table.</summary>
/// <param name="Currency">Its code.</param>
/// <param name="StorageBefore">A month.</param>
/// <param name="StorageAfter">A month.</param>
/// <param name="ReadsBefore">Of reads as in the last 30 days.</param>
/// <param name="ReadsAfter">Of the same reads, from where the versions would be.</param>
/// <param name="Moving">Once: reading what moves, and a request for each object at either end.</param>
public sealed record PlanCosts(
    string Currency, decimal StorageBefore, decimal StorageAfter, decimal ReadsBefore, decimal ReadsAfter, decimal Moving);
