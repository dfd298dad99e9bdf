using Catalog.Hot;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Brings the generations here that serve some features.</summary>
/// <param name="transport">To the catalog.</param>
/// <param name="service">What is wanted; either this or features.</param>
/// <param name="features">The same.</param>
/// <param name="folder">Where files are kept.</param>
/// <param name="clock">Tells how old they are.</param>
internal sealed class MappedSource(Transport transport, string? service, IReadOnlyList<string>? features, string folder, TimeProvider clock)
{
    private static readonly TimeSpan s_unused = TimeSpan.FromDays(1);

    /// <summary>What serves now.</summary>
    /// <exception cref="CatalogException">The catalog refuses, or cannot be reached.</exception>
    public Task<LocatedFeatures> LocateAsync(CancellationToken ct) => transport.SendAsync<LocatedFeatures>(
        HttpMethod.Post, Route.Of("features", "locate"), new Body(service, features), ct);

    /// <summary>Maps what serves. Where that is what served before, it stays.</summary>
    /// <exception cref="CatalogException">A file cannot be had.</exception>
    /// <exception cref="GenerationException">A file is not what the catalog says.</exception>
    public async Task<MappedState> MapAsync(LocatedFeatures located, MappedState? before, CancellationToken ct)
    {
        if (before is { Located: var then } && then.Views.SequenceEqual(located.Views) && then.Features.SequenceEqual(located.Features))
            return before;
        var generations = new List<Generation>();
        foreach (var view in located.Views)
            generations.Add(MappedBefore(before, view) ?? await OpenAsync(view, ct).ConfigureAwait(false));
        Tidy(located.Views.Select(v => v.Sha256).ToHashSet(StringComparer.Ordinal));
        return new MappedState(located, generations);
    }

    /// <summary>
    /// Removes files that nobody used for a day, whoever left them: what is mapped stays readable, and what is wanted again can be had
    /// again.
    /// </summary>
    private void Tidy(IReadOnlySet<string> wanted)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*.gen*"))
        {
            if (wanted.Contains(file.Name.Split('.')[0]) || clock.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc < s_unused)
                continue;
            try
            {
                file.Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process has it open where that counts, or removed it.
            }
        }
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
            {
                File.SetLastWriteTimeUtc(path, clock.GetUtcNow().UtcDateTime);
                return Generation.Open(path, view.Sha256);
            }
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
