using System.Text.Json.Serialization;
using Catalog.Datasets;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

namespace Catalog.Models;

/// <summary>One version of a model as a reader sees it.</summary>
public sealed record ModelVersionPage
{
    /// <summary>The version's node: <c>model:demo/flight-delay@2</c>.</summary>
    [JsonPropertyName("node")]
    public required string Id { get; init; }

    /// <summary>The model's stream id.</summary>
    public required string Model { get; init; }

    public required long Number { get; init; }

    public required Guid Run { get; init; }

    public required string ContentHash { get; init; }

    public required string ManifestHash { get; init; }

    public long Files { get; init; }

    public long Bytes { get; init; }

    public string? Message { get; init; }

    /// <summary>The version of a feature service whose features it is served; null where none was named.</summary>
    public NodeId? FeatureService { get; init; }

    public string? IdempotencyKey { get; init; }

    public string? RequestDigest { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public string? CreatedBy { get; init; }

    public Verification? LastVerified { get; init; }
}

/// <summary>Keeps <see cref="ModelVersionPage"/>; inline, for the reason that <see cref="VersionPages"/> is.</summary>
internal sealed class ModelVersionPages : IProjection
{
    internal static string Id(string model, long number) => $"{model}@{number}";

    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        var made = new Dictionary<string, ModelVersionPage>(StringComparer.Ordinal);
        foreach (var e in events)
        {
            var model = e.StreamKey ?? "";
            switch (e.Data)
            {
                case ModelVersionCreated f:
                    Store(Created(model, e, f));
                    break;
                case ModelVersionVerified f when await FindAsync(f.Number) is { } page:
                    Store(page with { LastVerified = new Verification(e.Timestamp, f.Intact, e.UserName) });
                    break;
                case ModelFeaturesNamed f when await FindAsync(f.Number) is { } page:
                    Store(page with { FeatureService = f.Service });
                    break;
            }

            // One commit can hold what follows on what it made.
            async Task<ModelVersionPage?> FindAsync(long number) =>
                made.GetValueOrDefault(Id(model, number)) ?? await operations.LoadAsync<ModelVersionPage>(Id(model, number), ct);
        }

        void Store(ModelVersionPage page)
        {
            made[page.Id] = page;
            operations.Store(page);
        }
    }

    private static ModelVersionPage Created(string model, IEvent e, ModelVersionCreated f) => new()
    {
        Id = Id(model, f.Number),
        Model = model,
        Number = f.Number,
        Run = f.Run,
        ContentHash = f.ContentHash,
        ManifestHash = f.ManifestHash,
        Files = f.Files,
        Bytes = f.Bytes,
        Message = f.Message,
        IdempotencyKey = f.IdempotencyKey,
        RequestDigest = f.RequestDigest,
        CreatedAt = e.Timestamp,
        CreatedBy = e.UserName,
    };
}
