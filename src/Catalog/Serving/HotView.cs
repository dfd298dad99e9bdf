using System.Collections.Immutable;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Serving.Metrics;
using Catalog.Storage.Hot;

namespace Catalog.Serving;

/// <summary>
/// What one version of a feature view is answered from: the generation that is active, and rows pushed since. Immutable, but for the rows
/// that come into the overlay.
/// </summary>
/// <param name="Node">The view, with its version's number.</param>
/// <param name="Definition">As it is now. The generation may be of fewer features, where the version was extended since.</param>
/// <param name="Tags">Of the view, for the gate.</param>
/// <param name="Active">The generation that is served; null while there is none.</param>
/// <param name="Local">Its rows, in this process; null where they are not here.</param>
/// <param name="Overlay">Rows that came since; laid out as those of the generation.</param>
internal sealed record HotView(
    NodeId Node, FeatureDefinition Definition, ImmutableSortedSet<string> Tags, ActiveGeneration? Active, Generation? Local,
    Overlay Overlay)
{
    private string[]? _originTexts;

    /// <summary>Of rows of the generation and of the overlay.</summary>
    public RowLayout Layout => Overlay.Layout;

    /// <summary>The generation's node as text; nothing where there is none.</summary>
    public string GenerationNode { get; } = Active is { } active ? NodeId.Generation(active.Id.ToString("D")).ToString() : "";

    /// <summary>The node of the run that made the generation, as text; nothing where there is none.</summary>
    public string RunNode { get; } = Active?.Run is { } run ? NodeId.Run(run).ToString() : "";

    /// <summary>What the generation says of itself; null while nobody could read it.</summary>
    public GenerationHeader? Header { get; init; }

    /// <summary>
    /// The dataset version that a row came from; null for rows that were pushed since, and while it is not known what the generation is of.
    /// </summary>
    public GenerationOrigin? OriginOf(HotRow row) =>
        row.Origin != HotRow.Pushed && Header is { } header && row.Origin < header.Origins.Count ? header.Origins[(int)row.Origin] : null;

    /// <summary>
    /// The dataset version that a row came from, as text; null where <see cref="OriginOf"/> is. Written once: receipts name it row by row.
    /// </summary>
    public string? OriginTextOf(HotRow row) =>
        OriginOf(row) is null ? null : (_originTexts ??= [.. (Header?.Origins ?? []).Select(o => o.Version.ToString())])[row.Origin];

    /// <summary>Where values are looked for, in this order.</summary>
    public IReadOnlyList<ServingTier> Tiers { get; init; } = [ServingTier.Memory, ServingTier.Offline];

    /// <summary>How long after its event a value may be used, in microseconds; null for ever.</summary>
    public long? TimeToLive { get; } = Definition.TimeToLive is { } ttl ? ttl.Ticks / TimeSpan.TicksPerMicrosecond : null;

    /// <summary>Since when a newer generation is active that could not be brought here; null where this is the active one.</summary>
    public DateTimeOffset? BehindSince { get; init; }

    /// <summary>Of what is measured.</summary>
    public ViewLabels Labels { get; } = new(Node);
}

/// <summary>A generation that a view's version is served from.</summary>
/// <param name="Id">Of the generation.</param>
/// <param name="Sha256">Of its file, which is an object of the store.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="PushedThrough">Position in the push log: rows pushed up to there are in it.</param>
/// <param name="Definition">Of the view's version when it was made: of all its features now, or the first of them.</param>
/// <param name="Run">That made it.</param>
internal sealed record ActiveGeneration(
    Guid Id, string Sha256, long Bytes, long PushedThrough, FeatureDefinition Definition, Guid? Run)
{
    /// <summary>How many keys have a row.</summary>
    public required long Rows { get; init; }

    /// <summary>Events up to there are in it.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <param name="definition">As its rows are laid out.</param>
    public static ActiveGeneration Of(FeatureGenerationBuilt built, FeatureDefinition definition) =>
        new(built.Generation, built.Sha256, built.Bytes, built.PushedThrough, definition, built.Run)
        {
            Rows = built.Rows,
            AsOf = built.AsOf,
        };
}

/// <summary>Where values may be found.</summary>
internal enum ServingTier
{
    /// <summary>The generation in this process, with the rows pushed since.</summary>
    Memory,

    /// <summary>Redis or Valkey.</summary>
    Redis,

    /// <summary>The generation's file in the object store, read in parts.</summary>
    Offline,
}
