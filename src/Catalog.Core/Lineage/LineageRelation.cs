namespace Catalog.Lineage;

/// <summary>
/// How data flowed along an edge. Each belongs to one granularity of the graph. Numbers are stored in snapshots: they are never reused.
/// </summary>
public enum LineageRelation : byte
{
    /// <summary>A dataset or model version was read by a run.</summary>
    Input = 0,

    /// <summary>A run made a dataset version.</summary>
    Output = 1,

    /// <summary>A run trained a model version.</summary>
    Trained = 2,

    /// <summary>A model version serves at an endpoint.</summary>
    Deployed = 3,

    /// <summary>A file is part of a version.</summary>
    File = 4,

    /// <summary>A run is an execution of a job.</summary>
    Ran = 5,

    /// <summary>A run was started by another.</summary>
    Started = 6,

    /// <summary>A dataset or model is read by a job, in whichever version.</summary>
    Reads = 7,

    /// <summary>A job makes a dataset or model, in whichever version.</summary>
    Writes = 8,

    /// <summary>A job follows from another, as declared.</summary>
    Follows = 9,

    /// <summary>
    /// A dataset or feature view is derived from a dataset, as declared, without a job between; or a feature service from a view, and a
    /// model from a service.
    /// </summary>
    Derived = 10,

    /// <summary>A model, in whichever version, serves at an endpoint.</summary>
    Serves = 11,

    /// <summary>A column's values are made from another column's.</summary>
    Column = 12,

    /// <summary>A column decides which values another gets, or whether (filter, join, sort), without its own values going in.</summary>
    ColumnInfluence = 13,

    /// <summary>A dataset is another by an older name.</summary>
    Renamed = 14,

    /// <summary>A dataset, model, feature view or feature service has a version.</summary>
    Version = 15,

    /// <summary>A dataset is another by another name; such edges come in pairs.</summary>
    Symlink = 17,

    /// <summary>A dataset has a column of which it is known what it comes from.</summary>
    HasColumn = 18,

    /// <summary>
    /// A version of a feature view takes its events from a dataset, in whichever version; or its features went into a dataset's version,
    /// or are served by a version of a feature service, and those of a service to a model version.
    /// </summary>
    Features = 19,

    /// <summary>
    /// The values of a generation were computed from a dataset version, for a version of a feature view, or began with those of another
    /// generation.
    /// </summary>
    Materialised = 20,

    /// <summary>
    /// A generation serves a version of a feature view, and model versions that are served its features: while it is active.
    /// </summary>
    Served = 21,

    /// <summary>A file shows of a dataset version what policies let somebody see of it.</summary>
    Projected = 22,

    /// <summary>Data flowed on through nodes that an answer does not show. Never in the graph, only in answers.</summary>
    Through = 16,
}

/// <summary>What a walk goes along: versions and the runs between them, or the things behind them, or columns.</summary>
public enum LineageGranularity
{
    /// <summary>Versions of datasets and models, runs and deployments; features and their generations.</summary>
    Version,

    /// <summary>Datasets and models in whichever version, jobs and deployments.</summary>
    Dataset,

    /// <summary>As <see cref="Dataset"/>; answers name the jobs only.</summary>
    Job,

    /// <summary>Columns of datasets.</summary>
    Column,
}

/// <summary>A set of relations that a walk follows.</summary>
public readonly record struct LineageRelations(uint Bits)
{
    public static LineageRelations Of(params ReadOnlySpan<LineageRelation> relations)
    {
        var bits = 0u;
        foreach (var relation in relations)
            bits |= 1u << (int)relation;
        return new(bits);
    }

    /// <summary>The relations between the nodes of a granularity.</summary>
    public static LineageRelations For(LineageGranularity granularity) => granularity switch
    {
        LineageGranularity.Version => Of(
            LineageRelation.Input, LineageRelation.Output, LineageRelation.Trained, LineageRelation.Deployed, LineageRelation.File,
            LineageRelation.Features, LineageRelation.Materialised, LineageRelation.Served, LineageRelation.Projected),
        LineageGranularity.Dataset or LineageGranularity.Job => Of(
            LineageRelation.Reads, LineageRelation.Writes, LineageRelation.Follows, LineageRelation.Derived,
            LineageRelation.Serves, LineageRelation.Renamed, LineageRelation.Symlink),
        LineageGranularity.Column => Of(LineageRelation.Column, LineageRelation.ColumnInfluence),
        _ => throw new ArgumentOutOfRangeException(nameof(granularity), granularity, "There is no such granularity."),
    };

    public bool Contains(LineageRelation relation) => ((Bits >> (int)relation) & 1) != 0;
}
