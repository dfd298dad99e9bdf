using Catalog.Hot;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Brings the generations here that serve some features.</summary>
/// <param name="transport">To the catalog.</param>
/// <param name="service">What is wanted; either this or features.</param>
/// <param name="features">The same.</param>
/// <param name="folder">Where files are kept.</param>
internal sealed class MappedSource(Transport transport, string? service, IReadOnlyList<string>? features, string folder)
{
    /// <summary>What serves now, mapped. Where that is what served before, it stays.</summary>
    /// <exception cref="CatalogException">The catalog refuses, or cannot be reached.</exception>
    /// <exception cref="GenerationException">A file is not what the catalog says.</exception>
    public async Task<MappedState> LocateAsync(MappedState? before, CancellationToken ct)
    {
        var located = await transport.SendAsync<LocatedFeatures>(
            HttpMethod.Post, Route.Of("features", "locate"), new Body(service, features), ct).ConfigureAwait(false);
        if (before is { Located: var then } && then.Views.SequenceEqual(located.Views) && then.Features.SequenceEqual(located.Features))
            return before;
        var generations = new List<Generation>();
        foreach (var view in located.Views)
            generations.Add(MappedBefore(before, view) ?? await OpenAsync(view, ct).ConfigureAwait(false));
        return new MappedState(located, generations);
    }

    private static Generation? MappedBefore(MappedState? before, LocatedView view)
    {
        for (var i = 0; i < before?.Views.Count; i++)
        {
            if (before.Located.Views[i].Sha256 == view.Sha256)
                return before.Views[i].Generation;
        }

        return null;
    }

    /// <summary>A file that is here already is taken where it is whole; another process may have brought it.</summary>
    private async Task<Generation> OpenAsync(LocatedView view, CancellationToken ct)
    {
        var path = Path.Combine(folder, $"{view.Sha256}.gen");
        try
        {
            if (File.Exists(path))
                return Generation.Open(path, view.Sha256);
        }
        catch (GenerationException)
        {
            File.Delete(path);
        }

        var target = Route.Of("feature-generations", view.Generation.Name, "content").ToString();
        var content = new ContentStream(
            transport, (from, token) => transport.OpenAtAsync(() => transport.Request(HttpMethod.Get, target), from, token),
            view.Generation.ToString(), view.Sha256);
        var download = new Download(
            path, view.Bytes, view.Sha256, async token => await content.OpenAsync(token).ConfigureAwait(false));
        await Downloads.RunAsync(download, path, new TransferCount(WorkStage.Downloading, 1, view.Bytes, progress: null), ct)
            .ConfigureAwait(false);
        return Generation.Open(path, view.Sha256);
    }

    private sealed record Body(string? Service, IReadOnlyList<string>? Features);
}
