using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Catalog.Platform.Store;
using JasperFx.Events;

namespace Catalog.Models;

/// <summary>A model as a reader sees it now.</summary>
public sealed record ModelPage : IPage<ModelPage>
{
    /// <summary>The model's node.</summary>
    [JsonPropertyName("node")]
    public required string Id { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    public string Documentation { get; init; } = "";

    /// <summary>Highest version number, which is also how many there are; 0 for none.</summary>
    public long Latest { get; init; }

    public ImmutableSortedDictionary<string, long> Aliases { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Which version serves at which endpoint.</summary>
    public ImmutableSortedDictionary<string, long> Deployments { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Whether decisions are kept that are handed back; null where they never were.</summary>
    public PredictionLogging? PredictionLog { get; init; }

    public bool Retired { get; init; }

    public string? RetiredBecause { get; init; }

    public DateTimeOffset RegisteredAt { get; init; }

    public string? RegisteredBy { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public long StreamVersion { get; init; }

    public static ModelPage? Fold(ModelPage? page, IEvent fact)
    {
        var next = (page, fact.Data) switch
        {
            (null, ModelRegistered f) => new ModelPage
            {
                Id = Model.StreamId(f.Namespace, f.Name),
                Namespace = f.Namespace,
                Name = f.Name,
                Owner = f.Owner,
                Documentation = f.Documentation,
                RegisteredAt = fact.Timestamp,
                RegisteredBy = fact.UserName,
            },
            (null, _) => null,
            (_, ModelVersionCreated f) => page with { Latest = f.Number },
            (_, ModelPredictionLogSwitchedOn f) => page with { PredictionLog = new(f.RetentionDays, IsOn: true) },
            (_, ModelPredictionLogSwitchedOff f) => page with { PredictionLog = new(f.RetentionDays, IsOn: false) },
            (_, ModelAliasSet f) => page with { Aliases = page.Aliases.SetItem(f.Alias, f.Number) },
            (_, ModelAliasRemoved f) => page with { Aliases = page.Aliases.Remove(f.Alias) },
            (_, ModelDeployed f) => page with { Deployments = page.Deployments.SetItem(f.Endpoint, f.Number) },
            (_, ModelUndeployed f) => page with { Deployments = page.Deployments.Remove(f.Endpoint) },
            (_, ModelRetired f) => page with { Retired = true, RetiredBecause = f.Reason },
            _ => page,
        };
        return next is null ? null : next with { UpdatedAt = fact.Timestamp, StreamVersion = fact.Version };
    }
}
