using Catalog.Access;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.Platform.Writes;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.IntegrationTests.Features;

/// <summary>Generations that nobody computed: recorded as what computes them does, over an object of these bytes.</summary>
internal static class Generations
{
    /// <param name="services">The server's.</param>
    /// <param name="version">Of a view, by number.</param>
    /// <param name="definitionHash">Of that version.</param>
    /// <param name="source">A dataset version.</param>
    /// <param name="sha256">Of the object.</param>
    public static async Task<Guid> RecordAsync(
        IServiceProvider services, NodeId version, string definitionHash, NodeId source, string? sha256 = null)
    {
        using var scope = services.CreateScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Become(Identity.Server);
        scope.ServiceProvider.GetRequiredService<Gate>().Ask(Act.Commit, version);
        var built = new FeatureGenerationBuilt(
            Guid.CreateVersion7(), version.VersionNumber ?? 0, definitionHash, [new(source, new string('c', 64), Position: 1)],
            TimeProvider.System.GetUtcNow(), PushedThrough: 0, Base: null, Run: null, Rows: 12, Bytes: 34, sha256 ?? new string('d', 64),
            "test 1");
        var written = await scope.ServiceProvider.GetRequiredService<WritePath>().DecideAsync<FeatureView>(
            version.StreamId, state => RecordGeneration.Decide(state, built), CancellationToken.None);
        Assert.IsType<Decision.Accepted>(written.Decision);
        return built.Generation;
    }
}
