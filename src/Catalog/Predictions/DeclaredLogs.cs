using System.Collections.Concurrent;
using Catalog.Datasets;
using Catalog.FeatureGenerations;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Marten;
using Npgsql;

namespace Catalog.Predictions;

/// <summary>
/// Which models keep predictions, and which generations there are, as this server last looked: predictions come thousands in a second, and
/// also while PostgreSQL does not answer. What lets a prediction in may be two seconds old; what refuses one is looked up.
/// </summary>
internal sealed class DeclaredLogs(States states, IDocumentStore store, TimeProvider clock)
{
    private const int MostRemembered = 10_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Seen> _models = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<NodeId, NodeId> _views = new();

    /// <summary>Why predictions of a version are not taken; null where they are.</summary>
    /// <param name="version">Of a model, by number.</param>
    /// <exception cref="NpgsqlException">The database does not answer, and nothing is remembered of the model.</exception>
    public async Task<Problem?> FindRefusalAsync(NodeId version, CancellationToken ct)
    {
        var stream = version.StreamId;
        var known = _models.TryGetValue(stream, out var seen) && Refusal(seen.Model, version) is null;
        if (known && seen is not null && clock.GetElapsedTime(seen.At) < Fresh)
            return null;
        Model? model;
        Dataset? kept;
        try
        {
            model = await states.LoadAsync<Model>(stream, ct);
            kept = await states.LoadAsync<Dataset>(PredictionNames.DatasetOf(version.WithoutVersion()).StreamId, ct);
        }
        catch (NpgsqlException) when (known)
        {
            return null;
        }

        MakeRoom(_models);
        if (kept is { Retired: true })
        {
            return Problem.Of(
                "prediction_log.off",
                $"'{version.WithoutVersion()}' does not keep predictions: the dataset that they went to was retired.");
        }

        _models[stream] = new(model, clock.GetTimestamp());
        return Refusal(model, version);
    }

    /// <summary>Something was said of a model on this server: it is looked at anew.</summary>
    public void Forget(NodeId model) => _models.TryRemove(model.StreamId, out _);

    /// <summary>Whether a generation is there, and of this version of a view.</summary>
    /// <param name="generation">Its node.</param>
    /// <param name="view">By number.</param>
    /// <param name="ct">Stops.</param>
    /// <exception cref="NpgsqlException">The database does not answer, and the generation was not asked for before.</exception>
    public async Task<bool> IsOfAsync(NodeId generation, NodeId view, CancellationToken ct)
    {
        if (!_views.TryGetValue(generation, out var of))
        {
            await using var pages = store.QuerySession();
            if (await pages.LoadAsync<FeatureGenerationPage>(generation.ToString(), ct) is not { } page)
                return false;
            MakeRoom(_views);
            of = _views[generation] = NodeId.Parse(page.View).WithVersion(page.Number);
        }

        return of == view;
    }

    private static Problem? Refusal(Model? model, NodeId version) => model switch
    {
        null => Problem.Of("model.not_found", $"There is no '{version.WithoutVersion()}'."),
        { Retired: true } => Problem.Of("model.retired", $"'{version.WithoutVersion()}' was retired and takes no more changes."),
        { PredictionLog: not { IsOn: true } } => Problem.Of(
            "prediction_log.off", $"'{version.WithoutVersion()}' does not keep predictions: its prediction log is switched off."),
        _ when version.VersionNumber > model.Latest => Problem.Of(
            "version.not_found", $"'{version.WithoutVersion()}' has no version {version.Version}; the latest is {model.Latest}."),
        _ => null,
    };

    /// <summary>What is forgotten is looked up again.</summary>
    private static void MakeRoom<TKey, TValue>(ConcurrentDictionary<TKey, TValue> remembered)
        where TKey : notnull
    {
        if (remembered.Count >= MostRemembered)
            remembered.Clear();
    }

    private sealed record Seen(Model? Model, long At);
}
