using System.Runtime.CompilerServices;
using Catalog.Features;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.Serving.Materialization;
using Marten;

namespace Catalog.Erasure;

/// <summary>A dataset in which a subject's columns are called otherwise.</summary>
internal sealed record NamedSubject(NodeId Dataset, Subject Subject);

/// <summary>
/// What feature views call a subject's columns: a key has a name of its own, by which rows are pushed and predictions are made, and a
/// column that it comes from.
/// </summary>
internal sealed class SubjectNames(IDocumentStore store, States states)
{
    /// <summary>The subject as the keys of a view have it, where either of a key's names is a column of the subject.</summary>
    public static Subject OfKeys(Subject subject, FeatureDefinition definition) => Named(subject, definition, key => key.Name);

    /// <summary>The subject with the names of all keys beside its own: for what is kept by keys alone.</summary>
    public async Task<Subject> WithKeysAsync(Subject subject, CancellationToken ct)
    {
        var values = new Dictionary<string, string>(subject.Values, StringComparer.Ordinal);
        await foreach (var (_, definition) in DefinitionsAsync(ct))
        {
            foreach (var (key, value) in OfKeys(subject, definition).Values)
                values.TryAdd(key, value);
        }

        return new(values);
    }

    /// <summary>Where its columns have other names: the sources of views, and the datasets of what was pushed to them.</summary>
    public async Task<IReadOnlyList<NamedSubject>> ElsewhereAsync(Subject subject, CancellationToken ct)
    {
        var found = new List<NamedSubject>();
        await foreach (var (view, definition) in DefinitionsAsync(ct))
        {
            if (OfKeys(subject, definition) is not { Values.Count: > 0 } keys)
                continue;
            found.Add(new(SealPushes.DatasetOf(view), keys));
            found.Add(new(definition.Source.Dataset, Named(subject, definition, key => key.Column)));
        }

        return found;
    }

    private static Subject Named(Subject subject, FeatureDefinition definition, Func<EntityKey, string> name)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in definition.Keys())
        {
            if ((subject.Values.GetValueOrDefault(key.Name) ?? subject.Values.GetValueOrDefault(key.Column)) is { } value)
                values.TryAdd(name(key), value);
        }

        return new(values);
    }

    private async IAsyncEnumerable<(NodeId View, FeatureDefinition Definition)> DefinitionsAsync(
        [EnumeratorCancellation] CancellationToken ct)
    {
        var streams = await store.ReadAsync(
            $"select id from {StateTable.Name} where id like 'feature-view:%' order by id", [], row => row.GetString(0), ct);
        foreach (var stream in streams)
        {
            var view = await states.LoadAsync<FeatureView>(stream, ct);
            foreach (var (place, version) in (view?.Versions ?? []).Index())
                yield return (NodeId.Parse(stream).WithVersion(place + 1), version.Definition);
        }
    }
}
