using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Catalog.Datasets;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Jobs;
using Catalog.Models;
using Catalog.Schemas;
using JasperFx.Events;

namespace Catalog.Search;

/// <summary>What is searched of one thing: what was done with it here, and what others told of it.</summary>
internal sealed record SearchEntry
{
    /// <summary>More columns of one dataset are not searched.</summary>
    public const int MaxColumns = 5_000;

    private static readonly ImmutableSortedSet<string> s_none = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public required NodeId Node { get; init; }

    /// <summary>Of a run, its job's.</summary>
    public required string Namespace { get; init; }

    public string? Owner { get; init; }

    public string Description { get; init; } = "";

    public ImmutableSortedSet<string> Tags { get; init; } = s_none;

    public ImmutableSortedDictionary<string, ImmutableSortedSet<string>> ColumnTags { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableSortedSet<string>>(StringComparer.Ordinal);

    /// <summary>Paths of the columns of the newest version that has a schema; of a view, its features; of a service, its
    /// views and the features that it names.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>That version.</summary>
    public long ColumnsOf { get; init; }

    /// <summary>Of a deployment: which version of which models serves there.</summary>
    public ImmutableSortedDictionary<string, long> Serves { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Takes no more changes, or serves nothing any more.</summary>
    public bool Retired { get; init; }

    public Told<IReadOnlyList<string>>? ToldColumns { get; init; }

    public Told<IReadOnlyList<string>>? ToldTags { get; init; }

    public ToldText? ToldOwners { get; init; }

    public ToldText? ToldDescription { get; init; }

    [JsonIgnore]
    public SearchKind Kind => KindOf(Node) ?? throw new InvalidOperationException($"'{Node}' is not searched.");

    [JsonIgnore]
    public IEnumerable<string> Owners => Owner is { } owner ? [owner] : ToldOwners?.Texts ?? [];

    [JsonIgnore]
    public IEnumerable<string> Descriptions => new[] { Description }
        .Concat(ToldDescription?.Texts ?? [])
        .Concat(Serves.Select(s => $"serves {s.Key}@{s.Value}"))
        .Where(d => d.Length > 0);

    [JsonIgnore]
    public IEnumerable<string> AllColumns => Columns.Union(ToldColumns?.Value ?? [], StringComparer.Ordinal).Take(MaxColumns);

    [JsonIgnore]
    public IEnumerable<string> AllTags =>
        Tags.Concat(ColumnTags.Values.SelectMany(t => t)).Concat(ToldTags?.Value ?? []).Distinct(StringComparer.Ordinal);

    /// <summary>Of a thing that was not heard of before.</summary>
    public static SearchEntry Of(NodeId node) => new() { Node = node, Namespace = node.Namespace };

    public static SearchKind? KindOf(NodeId node) => node.Kind switch
    {
        NodeKind.Dataset => SearchKind.Dataset,
        NodeKind.Job => SearchKind.Job,
        NodeKind.Model => SearchKind.Model,
        NodeKind.Deployment => SearchKind.Deployment,
        NodeKind.Run => SearchKind.Run,
        NodeKind.FeatureView => SearchKind.FeatureView,
        NodeKind.FeatureService => SearchKind.FeatureService,
        _ => null,
    };

    /// <summary>The thing that a fact of ours says something of; of a deployment, it is on its model's stream.</summary>
    public static NodeId Subject(IEvent fact)
    {
        var stream = NodeId.Parse(fact.StreamKey ?? "");
        return fact.Data switch
        {
            ModelDeployed f => NodeId.Deployment(stream.Namespace, f.Endpoint),
            ModelUndeployed f => NodeId.Deployment(stream.Namespace, f.Endpoint),
            _ => stream,
        };
    }

    public static SearchEntry Fold(SearchEntry e, IEvent fact) => fact.Data switch
    {
        DatasetRegistered f => e with { Owner = f.Owner, Description = f.Documentation, Tags = e.Tags.Union(f.Tags) },
        DatasetDescribed f => e with { Owner = f.Owner, Description = f.Documentation },
        DatasetTagged f => e with { Tags = e.Tags.Add(f.Tag) },
        DatasetUntagged f => e with { Tags = e.Tags.Remove(f.Tag) },
        ColumnTagged f => e with { ColumnTags = e.ColumnTags.SetItem(f.Column, e.TagsOf(f.Column).Add(f.Tag)) },
        ColumnUntagged f => e with { ColumnTags = e.ColumnTags.SetItem(f.Column, e.TagsOf(f.Column).Remove(f.Tag)) },
        VersionCommitted f => e.WithSchema(f.Number, f.Schema),
        VersionSealed f => e.WithSchema(f.Number, f.Schema),
        DatasetRetired => e with { Retired = true },
        ModelRegistered f => e with { Owner = f.Owner, Description = f.Documentation },
        ModelDeployed f => e.Serving(e.Serves.SetItem(fact.StreamKey ?? "", f.Number)),
        ModelUndeployed => e.Serving(e.Serves.Remove(fact.StreamKey ?? "")),
        ModelRetired => e with { Retired = true },
        FeatureViewRegistered f => e with { Owner = f.Owner, Description = f.Description, Tags = e.Tags.Union(f.Tags) },
        FeatureViewDefined f => e.WithFeatures(f.Number, f.Definition),
        FeatureViewExtended f => e.WithFeatures(f.Number, f.Definition),
        FeatureViewDescribed f => e with { Owner = f.Owner, Description = f.Description },
        FeatureViewTagged f => e with { Tags = e.Tags.Add(f.Tag) },
        FeatureViewUntagged f => e with { Tags = e.Tags.Remove(f.Tag) },
        FeatureViewRetired => e with { Retired = true },
        FeatureServiceRegistered f => e with { Owner = f.Owner, Description = f.Description, Tags = e.Tags.Union(f.Tags) },
        FeatureServiceDefined f => e with { Columns = [.. Served(f.Definition).Take(MaxColumns)], ColumnsOf = f.Number },
        FeatureServiceDescribed f => e with { Owner = f.Owner, Description = f.Description },
        FeatureServiceTagged f => e with { Tags = e.Tags.Add(f.Tag) },
        FeatureServiceUntagged f => e with { Tags = e.Tags.Remove(f.Tag) },
        FeatureServiceRetired => e with { Retired = true },
        RunStarted f => e with { Namespace = f.Job.Namespace, Tags = e.Tags.Union(f.Tags) },
        RunTagged f => e with { Tags = e.Tags.Add(f.Tag) },
        RunUntagged f => e with { Tags = e.Tags.Remove(f.Tag) },
        _ => e,
    };

    /// <summary>The facts that <see cref="Fold"/> takes.</summary>
    public static IReadOnlyList<Type> Facts { get; } =
    [
        typeof(DatasetRegistered), typeof(DatasetDescribed), typeof(DatasetTagged), typeof(DatasetUntagged), typeof(ColumnTagged),
        typeof(ColumnUntagged), typeof(VersionCommitted), typeof(VersionSealed), typeof(DatasetRetired), typeof(ModelRegistered),
        typeof(ModelDeployed), typeof(ModelUndeployed), typeof(ModelRetired), typeof(JobRegistered), typeof(RunStarted),
        typeof(RunTagged), typeof(RunUntagged), typeof(FeatureViewRegistered), typeof(FeatureViewDefined), typeof(FeatureViewExtended),
        typeof(FeatureViewDescribed), typeof(FeatureViewTagged), typeof(FeatureViewUntagged), typeof(FeatureViewRetired),
        typeof(FeatureServiceRegistered), typeof(FeatureServiceDefined), typeof(FeatureServiceDescribed), typeof(FeatureServiceTagged),
        typeof(FeatureServiceUntagged), typeof(FeatureServiceRetired),
    ];

    private ImmutableSortedSet<string> TagsOf(string column) => ColumnTags.GetValueOrDefault(column) ?? s_none;

    private SearchEntry Serving(ImmutableSortedDictionary<string, long> models) => this with { Serves = models, Retired = models.IsEmpty };

    private SearchEntry WithFeatures(long number, FeatureDefinition definition) =>
        this with { Columns = [.. definition.Features.Select(f => f.Name).Take(MaxColumns)], ColumnsOf = number };

    /// <summary>The views by name, and the features that are chosen of them.</summary>
    private static IEnumerable<string> Served(FeatureServiceDefinition definition) =>
        definition.Views.SelectMany(v => (v.Features ?? []).Prepend(v.View.Name)).Distinct(StringComparer.Ordinal);

    private SearchEntry WithSchema(long number, TableSchema? schema) =>
        schema is not null && number > ColumnsOf
            ? this with { Columns = [.. schema.Paths().Take(MaxColumns)], ColumnsOf = number }
            : this;
}

/// <summary>What an event of others says, and the order of such statements (<see cref="Lineage.Reported.Stamp"/>).</summary>
internal sealed record Told<T>(T Value, byte[] Stamp);

/// <summary>Free text that an event of others holds, and the hash of its body: whoever erases the body erases the text here.</summary>
internal sealed record ToldText(IReadOnlyList<string> Texts, byte[] Stamp, byte[] Body);
