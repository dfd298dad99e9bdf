using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Generations of features: what serves, what served before, and what is to serve.</summary>
public sealed class GenerationClient
{
    private const string Root = "feature-generations";
    private readonly Transport _transport;

    internal GenerationClient(Transport transport) => _transport = transport;

    /// <summary>The generations of a view's values, of all its versions, newest first.</summary>
    public IAsyncEnumerable<FeatureGeneration> ListAsync(QualifiedName view, int pageSize = 100, CancellationToken ct = default) =>
        Pages.ReadAsync<FeatureGeneration>(_transport, () => Route.Of("feature-views", view, "generations"), pageSize, ct);

    public Task<FeatureGeneration> GetAsync(Guid generation, CancellationToken ct = default) =>
        _transport.GetAsync<FeatureGeneration>(Route.Of(Root, generation.ToString()), ct);

    /// <summary>Serves generations in place of those that serve now: all of them at once, or, where one cannot be, none.</summary>
    /// <param name="generations">One of each version of a view.</param>
    /// <param name="reason">Why.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<SwitchedGenerations> ActivateAsync(
        IEnumerable<Guid> generations, string? reason = null, CancellationToken ct = default) =>
        _transport.SendAsync<SwitchedGenerations>(
            HttpMethod.Post, Route.Of(Root, "activate"), new ActivateBody([.. generations], reason), ct);

    /// <summary>
    /// Takes the last activation back: of one version of a view; or the last one of any view of a service, with all that was activated
    /// together with it.
    /// </summary>
    /// <param name="viewOrService">A view or a service; the newest version of it unless one is named.</param>
    /// <param name="reason">Why.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<SwitchedGenerations> RollBackAsync(NodeId viewOrService, string? reason = null, CancellationToken ct = default) =>
        _transport.SendAsync<SwitchedGenerations>(
            HttpMethod.Post, Route.Of(Root, "rollback"), new RollbackBody(viewOrService, reason), ct);

    /// <summary>Says that a generation is not served any more, so that a collection of garbage frees its bytes.</summary>
    public Task<Receipt> DropAsync(Guid generation, string reason, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, generation.ToString(), "drop"), new ReasonBody(reason), ct);

    /// <summary>
    /// Makes the values of a view, or of all views of a service, on the server, and serves them. What served before goes on until all are
    /// there. Asked for again with nothing new, it answers with the generation that serves.
    /// </summary>
    /// <param name="viewOrService">A view or a service; the newest version of it unless one is named.</param>
    /// <param name="options">What else to say.</param>
    /// <param name="progress">Told how many rows the server is done with.</param>
    /// <param name="ct">Stops waiting, and the work.</param>
    public Task<MaterializedFeatures> MaterializeAsync(
        NodeId viewOrService, MaterializeOptions? options = null, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var wanted = options ?? new();
        var body = new MaterializeBody(viewOrService, wanted.From, wanted.At, wanted.Full, wanted.Activate, wanted.Reason);
        var repeat = wanted is { Full: false, Activate: true } ? Repeat.Always : Repeat.IfNotActedOn;
        return LongWork.RunAsync<MaterializedFeatures>(
            _transport, Route.Of(Root), body, WorkStage.Materializing, progress, ct, repeat);
    }

    /// <summary>Has the server compute what a generation should be, by the join of training sets, and compare value by value.</summary>
    /// <exception cref="CatalogException"><c>feature_generation.dropped</c>, <c>feature_generation.damaged</c></exception>
    public Task<GenerationVerification> VerifyAsync(Guid generation, CancellationToken ct = default) =>
        LongWork.RunAsync<GenerationVerification>(
            _transport, Route.Of(Root, generation.ToString(), "verify"), body: null, WorkStage.Verifying, progress: null, ct);

    private sealed record MaterializeBody(
        NodeId Node, string? From, DateTimeOffset? AsOf, bool Full, bool Activate, string? Reason);

    private sealed record ActivateBody(IReadOnlyList<Guid> Generations, string? Reason);

    private sealed record RollbackBody(NodeId Node, string? Reason);
}
