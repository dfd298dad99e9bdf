using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

namespace Catalog.FeatureGenerations;

/// <summary>One generation of a view's values. Whether it serves stands on the page of its view.</summary>
public sealed record FeatureGenerationPage
{
    /// <summary>The generation's node: <c>generation:0198…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The view's stream id.</summary>
    public required string View { get; init; }

    /// <summary>Of the view's version.</summary>
    public required long Number { get; init; }

    /// <summary>Number of the fact on the view's stream: those of later generations are greater.</summary>
    public required long Place { get; init; }

    /// <summary>What was recorded of it.</summary>
    public required FeatureGenerationBuilt Built { get; init; }

    /// <summary>Of its object, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    public DateTimeOffset BuiltAt { get; init; }

    public string? BuiltBy { get; init; }

    /// <summary>Its object may be freed.</summary>
    public bool Dropped { get; init; }

    public DateTimeOffset? DroppedAt { get; init; }

    public string? DroppedBecause { get; init; }
}

/// <summary>
/// Keeps <see cref="FeatureGenerationPage"/>; inline, because what an object is used by must be known once it is: garbage is looked for
/// in these pages.
/// </summary>
internal sealed class FeatureGenerationPages : IProjection
{
    public const string TableAlias = "page_feature_generation";

    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        var made = new Dictionary<string, FeatureGenerationPage>(StringComparer.Ordinal);
        foreach (var e in events)
        {
            switch (e.Data)
            {
                case FeatureGenerationBuilt f:
                    Store(Built(e, f));
                    break;
                case FeatureGenerationDropped f when NodeId.Generation(f.Generation).ToString() is var id
                    && (made.GetValueOrDefault(id) ?? await operations.LoadAsync<FeatureGenerationPage>(id, ct)) is { } page:
                    Store(page with { Dropped = true, DroppedAt = e.Timestamp, DroppedBecause = f.Reason });
                    break;
            }
        }

        void Store(FeatureGenerationPage page)
        {
            made[page.Id] = page;
            operations.Store(page);
        }
    }

    private static FeatureGenerationPage Built(IEvent e, FeatureGenerationBuilt f) => new()
    {
        Id = NodeId.Generation(f.Generation).ToString(),
        View = e.StreamKey ?? "",
        Number = f.Number,
        Place = e.Version,
        Built = f,
        Sha256 = f.Sha256,
        BuiltAt = e.Timestamp,
        BuiltBy = e.UserName,
    };
}
