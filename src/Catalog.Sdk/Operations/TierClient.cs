using Catalog.Sdk.Http;
using Catalog.Tiers;

namespace Catalog.Sdk;

/// <summary>
/// Where versions are to be kept: policies by dataset and namespace, what that costs, and bringing everything there. Only administrators
/// may.
/// </summary>
public sealed class TierClient
{
    private readonly Transport _transport;

    internal TierClient(Transport transport) => _transport = transport;

    /// <summary>Declares where a dataset's versions are to be kept. Nothing moves before <see cref="ApplyAsync"/>.</summary>
    public Task<Receipt> DeclareAsync(QualifiedName dataset, TierPolicy policy, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of("datasets", dataset, "tiers"), policy, ct);

    /// <summary>Leaves a dataset to its namespace's policy.</summary>
    public Task<Receipt> WithdrawAsync(QualifiedName dataset, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Delete, Route.Of("datasets", dataset, "tiers"), body: null, ct);

    /// <summary>
    /// Declares where the versions of a namespace are to be kept: of its models, and of datasets without a policy of their own.
    /// </summary>
    public Task<TieringReceipt> DeclareForNamespaceAsync(string @namespace, TierPolicy policy, CancellationToken ct = default) =>
        _transport.SendAsync<TieringReceipt>(HttpMethod.Put, Route.Of("namespaces", @namespace, "tiers"), policy, ct);

    /// <summary>Withdraws a namespace's policy.</summary>
    public Task<TieringReceipt> WithdrawForNamespaceAsync(string @namespace, CancellationToken ct = default) =>
        _transport.SendAsync<TieringReceipt>(HttpMethod.Delete, Route.Of("namespaces", @namespace, "tiers"), body: null, ct);

    /// <summary>Declares what the tiers cost.</summary>
    public Task<TieringReceipt> DeclarePricesAsync(PriceTable prices, CancellationToken ct = default) =>
        _transport.SendAsync<TieringReceipt>(HttpMethod.Put, Route.Of("tiers", "prices"), prices, ct);

    /// <summary>Which tiers the server has, what they cost, and whose policies there are.</summary>
    public Task<TierOverview> GetAsync(CancellationToken ct = default) => _transport.GetAsync<TierOverview>(Route.Of("tiers"), ct);

    /// <summary>What applying the policies would move, and the cost before and after.</summary>
    /// <param name="versions">Versions listed at most, from 0 to 1,000.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<TierPlan> PlanAsync(int versions = 100, CancellationToken ct = default) =>
        _transport.GetAsync<TierPlan>(Route.Of("tiers", "plan").With("versions", versions), ct);

    /// <summary>Has the servers bring everything where it belongs, in the background. A plan that was applied before ends.</summary>
    public Task<AppliedTiers> ApplyAsync(CancellationToken ct = default) =>
        _transport.SendAsync<AppliedTiers>(HttpMethod.Post, Route.Of("tiers", "apply").With("atLeast", Seen), body: null, ct);

    /// <summary>How far the plan is that was applied last.</summary>
    public Task<TierProgress> ProgressAsync(CancellationToken ct = default) =>
        _transport.GetAsync<TierProgress>(Route.Of("tiers", "progress"), ct);

    // A policy that was just declared is to be in the plan.
    private long? Seen => _transport.Position > 0 ? _transport.Position : null;
}

/// <summary>A write that concerns the catalog as a whole; <paramref name="Changed"/> is false when it was so before.</summary>
public sealed record TieringReceipt(bool Changed, long Position) : IAtPosition;

/// <param name="Tiers">That the server has a place for; the object store always is one.</param>
/// <param name="Prices">Null until somebody declared them.</param>
/// <param name="Namespaces">Policies, by namespace.</param>
/// <param name="Datasets">Policies of their own.</param>
public sealed record TierOverview(
    IReadOnlyList<Tier> Tiers,
    PriceTable? Prices,
    IReadOnlyDictionary<string, TierPolicy> Namespaces,
    IReadOnlyList<DatasetTiers> Datasets);

public sealed record DatasetTiers(NodeId Node, TierPolicy Policy);

/// <summary>What applying the policies would change.</summary>
/// <param name="Tiers">What is in each tier before and after.</param>
/// <param name="Moves">Objects that would be brought from one place to another.</param>
/// <param name="Versions">Those that belong in another tier than warm, or have something to move; what moves most comes first.</param>
/// <param name="MoreVersions">How many such versions are not listed.</param>
/// <param name="InPlaceBytes">Of files in folders of others, which no policy moves.</param>
/// <param name="MissingObjects">That versions have and no tier does.</param>
/// <param name="Costs">Null until prices were declared.</param>
/// <param name="Notes">What the policies want and the server cannot do.</param>
public sealed record TierPlan(
    DateTimeOffset At, IReadOnlyList<TierContent> Tiers, IReadOnlyList<TierMove> Moves, IReadOnlyList<PlannedVersion> Versions,
    long MoreVersions, long InPlaceBytes, long MissingObjects, PlanCosts? Costs, IReadOnlyList<string> Notes);

/// <summary>Each object is in one tier: what is hot is not counted as warm.</summary>
public sealed record TierContent(Tier Tier, long ObjectsBefore, long BytesBefore, long ObjectsAfter, long BytesAfter);

public sealed record TierMove(Tier From, Tier To, long Objects, long Bytes);

/// <param name="Tier">That it belongs in.</param>
/// <param name="Reason">Why.</param>
/// <param name="Bytes">Of its files in the catalog's own storage.</param>
/// <param name="MovingBytes">Of those, what would move.</param>
/// <param name="LastReadAt">Null where no read is known.</param>
public sealed record PlannedVersion(NodeId Node, Tier Tier, string Reason, long Bytes, long MovingBytes, DateTimeOffset? LastReadAt);

/// <param name="StorageBefore">A month.</param>
/// <param name="StorageAfter">A month.</param>
/// <param name="ReadsBefore">Of reads as in the last 30 days.</param>
/// <param name="ReadsAfter">Of the same reads.</param>
/// <param name="Moving">Once.</param>
public sealed record PlanCosts(
    string Currency, decimal StorageBefore, decimal StorageAfter, decimal ReadsBefore, decimal ReadsAfter, decimal Moving);

/// <param name="Plan">Null where everything is where it belongs already.</param>
/// <param name="Objects">To be moved.</param>
/// <param name="Bytes">Of those.</param>
/// <param name="Held">Objects to be held in caches.</param>
/// <param name="Notes">What the policies want and the server cannot do.</param>
public sealed record AppliedTiers(Guid? Plan, long Objects, long Bytes, long Held, IReadOnlyList<string> Notes, long Position)
    : IAtPosition;

/// <param name="Plan">Null before the first.</param>
/// <param name="FailedObjects">That were given up until the next plan is applied.</param>
/// <param name="Failures">What went wrong with objects that have not arrived; at most 100.</param>
/// <param name="HeldObjects">To be held in caches.</param>
/// <param name="CachedBytes">Of those, in the answering server's cache now.</param>
/// <param name="Done">Whether every object has arrived or was given up.</param>
public sealed record TierProgress(
    Guid? Plan, long Objects, long Bytes, long MovedObjects, long MovedBytes, long FailedObjects, IReadOnlyList<MoveFailure> Failures,
    long HeldObjects, long HeldBytes, long CachedBytes, bool Done);

/// <param name="To">Where it is to be brought.</param>
/// <param name="Attempts">So far.</param>
/// <param name="Error">Of the last.</param>
public sealed record MoveFailure(string Sha256, Tier To, int Attempts, string Error);
