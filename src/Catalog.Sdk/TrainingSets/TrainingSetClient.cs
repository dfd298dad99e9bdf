using Catalog.Features.Training;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Training sets: rows with the features that held for each of them at its time, which can be made again and compared.</summary>
public sealed class TrainingSetClient
{
    private const string Root = "training-sets";
    private readonly Transport _transport;

    internal TrainingSetClient(Transport transport) => _transport = transport;

    /// <summary>
    /// Makes a training set on the server: a version of the dataset of this name, which is registered where it is not there yet. Asked for
    /// again with nothing changed, it answers with the version that is there.
    /// </summary>
    /// <exception cref="CatalogException">
    /// <c>join.bad_columns</c> and <c>training_set.invalid</c> name what does not fit; <c>training_set.leak</c> names values that are
    /// in two parts and were to be in one.
    /// </exception>
    public Task<TrainingSetReceipt> CreateAsync(
        QualifiedName name, TrainingSetSpec spec, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        LongWork.RunAsync<TrainingSetReceipt>(_transport, Route.Of(Root, name), spec, WorkStage.Joining, progress, ct);

    /// <summary>What a training set was made of, and how.</summary>
    /// <exception cref="CatalogException"><c>training_set.none</c>: the version was brought as it is.</exception>
    public Task<TrainingSet> GetAsync(NodeId version, CancellationToken ct = default) =>
        _transport.GetAsync<TrainingSet>(Of(version), ct);

    /// <summary>
    /// Has the server hash a training set's files and those of its inputs, make it again, and compare. Nothing is stored.
    /// </summary>
    public Task<TrainingSetVerification> VerifyAsync(
        NodeId version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        LongWork.RunAsync<TrainingSetVerification>(_transport, Of(version, "verify"), body: null, WorkStage.Joining, progress, ct);

    /// <summary>Says where each value of one row came from.</summary>
    /// <param name="version">The training set.</param>
    /// <param name="row">Of the part, from 0.</param>
    /// <param name="part">Such as <c>train</c>; null where rows are not parted.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>training_set.no_row</c></exception>
    public Task<TrainingRowExplanation> ExplainAsync(NodeId version, long row, string? part = null, CancellationToken ct = default) =>
        _transport.GetAsync<TrainingRowExplanation>(
            Of(version, "rows", row.ToString(System.Globalization.CultureInfo.InvariantCulture)).With("part", part), ct);

    /// <summary>The same join as SQL over the shared tables, for an engine of one's own.</summary>
    /// <param name="version">The training set.</param>
    /// <param name="dialect">Of the engine.</param>
    /// <param name="files">
    /// Where the engine finds the files of inputs, as folders of <c>namespace/name/version</c>, such as <c>s3://bucket/inputs</c>; null for
    /// files in place where they are, and others in the folder that the engine runs in.
    /// </param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<string> SqlAsync(NodeId version, SqlDialect dialect, string? files = null, CancellationToken ct = default) =>
        (await _transport.GetAsync<SqlText>(
                Of(version, "sql").With("dialect", dialect == SqlDialect.DuckDb ? "duckDb" : "spark").With("files", files), ct)
            .ConfigureAwait(false)).Sql;

    private static Route Of(NodeId version, params string[] more) =>
        Route.Of(Root, version.NameOf(NodeKind.Dataset), ["versions", VersionRef.Of(version).Text, .. more]);

    private sealed record SqlText(string Sql);
}
