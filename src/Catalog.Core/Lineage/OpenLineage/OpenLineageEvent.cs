namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// What an OpenLineage event says of structure. Free text (SQL, documentation, owners, messages, source code) can be personal data and
/// stays in the raw body; that it was there shows in the names of the facets. What a list does not name, the event is silent about: events
/// accumulate.
/// </summary>
/// <param name="Kind">Told by the keys present: run before dataset before job.</param>
/// <param name="Time">When it happened, in UTC, to the microsecond.</param>
/// <param name="State">The step of the run; null where none was given.</param>
/// <param name="Run">Of a run event.</param>
/// <param name="Job">Of a run or job event.</param>
/// <param name="Dataset">Of a dataset event.</param>
/// <param name="Inputs">Datasets read, in the event's order.</param>
/// <param name="Outputs">Datasets written, in the event's order.</param>
public sealed record OpenLineageEvent(
    OpenLineageKind Kind,
    DateTimeOffset Time,
    OpenLineageState? State,
    OpenLineageRun? Run,
    OpenLineageJob? Job,
    OpenLineageDataset? Dataset,
    IReadOnlyList<OpenLineageDataset> Inputs,
    IReadOnlyList<OpenLineageDataset> Outputs)
{
    /// <summary>What the event is about: its run, else its dataset, else its job.</summary>
    public NodeId Subject() => Run?.Node ?? Dataset?.Node ?? Job?.Node ?? default;
}

/// <summary>The three kinds of OpenLineage event.</summary>
public enum OpenLineageKind
{
    Run,
    Job,
    Dataset,
}

/// <summary>Where a run stands, as its client says.</summary>
public enum OpenLineageState
{
    Start,
    Running,
    Complete,
    Abort,
    Fail,
    Other,
}

/// <summary>What the states of a run mean: the same in the graph, in tables and in exports.</summary>
public static class OpenLineageStates
{
    public static bool IsEnd(this OpenLineageState state) =>
        state is OpenLineageState.Complete or OpenLineageState.Abort or OpenLineageState.Fail;

    /// <summary>Whether an end counts in place of another: the later does; of two at one time the worse, FAIL before ABORT.</summary>
    public static bool OutweighsEnd(this (long Time, OpenLineageState State) end, (long Time, OpenLineageState State) other) =>
        end.State.IsEnd() && end.CompareTo(other) > 0;
}

/// <param name="Node">The run. A UUID is written in lower case, any other id as given.</param>
/// <param name="Parent">The run that started it, with its job.</param>
/// <param name="Root">The first of the chain of parents, with its job.</param>
/// <param name="NominalStart">What the run was scheduled for, in UTC.</param>
/// <param name="NominalEnd">The end of what it was scheduled for, in UTC.</param>
/// <param name="Tags">As the newest event has them; they replace those of earlier ones where the facet is present.</param>
/// <param name="Facets">Names of the facets present.</param>
/// <param name="Deleted">Names of the facets taken back.</param>
public sealed record OpenLineageRun(
    NodeId Node,
    OpenLineageParent? Parent,
    OpenLineageParent? Root,
    DateTimeOffset? NominalStart,
    DateTimeOffset? NominalEnd,
    IReadOnlyList<OpenLineageTag> Tags,
    IReadOnlyList<string> Facets,
    IReadOnlyList<string> Deleted);

/// <param name="Run">A run.</param>
/// <param name="Job">What runs in it.</param>
public sealed record OpenLineageParent(NodeId Run, NodeId Job);

/// <param name="Node">The job.</param>
/// <param name="CodeRevision">Such as a git commit: <c>version</c> of <c>sourceCodeLocation</c>.</param>
/// <param name="ProcessingType"><c>BATCH</c>, <c>STREAMING</c>, <c>SERVICE</c>, or the client's own word.</param>
/// <param name="Integration">What made the event, such as <c>SPARK</c>.</param>
/// <param name="JobType">Such as <c>QUERY</c>, <c>DAG</c>, <c>TASK</c>.</param>
/// <param name="CompleteSnapshot">Whether each event of the job says all there is to say, so that nothing accumulates.</param>
/// <param name="Lineage">Edges said explicitly: then inputs and outputs are not to be multiplied. Null where the facet is absent.</param>
/// <param name="Tags">As of the newest event that has the facet.</param>
/// <param name="Facets">Names of the facets present.</param>
/// <param name="Deleted">Names of the facets taken back.</param>
public sealed record OpenLineageJob(
    NodeId Node,
    string? CodeRevision,
    string? ProcessingType,
    string? Integration,
    string? JobType,
    bool CompleteSnapshot,
    IReadOnlyList<OpenLineageTarget>? Lineage,
    IReadOnlyList<OpenLineageTag> Tags,
    IReadOnlyList<string> Facets,
    IReadOnlyList<string> Deleted);

/// <param name="Node">The dataset, without version and column.</param>
/// <param name="Version">The client's own label of the version read or written.</param>
/// <param name="Type"><c>TABLE</c>, <c>VIEW</c>, <c>FILE</c>, <c>TOPIC</c>, <c>MODEL</c>, or the client's own word.</param>
/// <param name="Symlinks">Other names of the same dataset.</param>
/// <param name="Change">What happened to the dataset as a whole.</param>
/// <param name="Schema">Columns; null where the facet is absent.</param>
/// <param name="Columns">Which columns follow from which; null where the facet is absent.</param>
/// <param name="Lineage">Edges said explicitly; they take the place of <paramref name="Columns"/>. Null where the facet is absent.</param>
/// <param name="Statistics">How much was read or written.</param>
/// <param name="Assertions">What was tested of the data, and whether it held.</param>
/// <param name="Tags">Of the dataset and its columns.</param>
/// <param name="Facets">Names of the facets present, those of its use as input or output included.</param>
/// <param name="Deleted">Names of the facets taken back.</param>
public sealed record OpenLineageDataset(
    NodeId Node,
    string? Version,
    string? Type,
    IReadOnlyList<NodeId> Symlinks,
    OpenLineageChange? Change,
    IReadOnlyList<OpenLineageField>? Schema,
    OpenLineageColumns? Columns,
    IReadOnlyList<OpenLineageTarget>? Lineage,
    OpenLineageStatistics? Statistics,
    IReadOnlyList<OpenLineageAssertion> Assertions,
    IReadOnlyList<OpenLineageTag> Tags,
    IReadOnlyList<string> Facets,
    IReadOnlyList<string> Deleted);

/// <param name="State">What happened.</param>
/// <param name="Previous">The dataset's name before a rename, where it was given.</param>
public sealed record OpenLineageChange(OpenLineageLifecycle State, NodeId? Previous);

/// <summary>What can happen to a dataset as a whole.</summary>
public enum OpenLineageLifecycle
{
    Alter,
    Create,
    Drop,
    Overwrite,
    Rename,
    Truncate,
}

/// <param name="Name">Of the column.</param>
/// <param name="Type">In the client's own words; null where it was not given.</param>
/// <param name="Fields">Of a nested type.</param>
public sealed record OpenLineageField(string Name, string? Type, IReadOnlyList<OpenLineageField> Fields);

/// <param name="Fields">Each column of the dataset with what it follows from.</param>
/// <param name="Dataset">Columns that the dataset as a whole depends on, such as by a filter or a join.</param>
public sealed record OpenLineageColumns(IReadOnlyList<OpenLineageColumn> Fields, IReadOnlyList<OpenLineageSource> Dataset);

/// <param name="Name">Of the column.</param>
/// <param name="Sources">Columns that it follows from.</param>
public sealed record OpenLineageColumn(string Name, IReadOnlyList<OpenLineageSource> Sources);

/// <param name="Node">A column, a dataset, or a job that makes data of itself.</param>
/// <param name="Run">The run of the job, where the edge is tied to one.</param>
/// <param name="Transformations">What was done with it on the way.</param>
public sealed record OpenLineageSource(NodeId Node, NodeId? Run, IReadOnlyList<OpenLineageTransformation> Transformations);

/// <param name="Type"><c>DIRECT</c> or <c>INDIRECT</c>.</param>
/// <param name="Subtype">Such as <c>IDENTITY</c>, <c>AGGREGATION</c>, <c>JOIN</c>, <c>FILTER</c>.</param>
/// <param name="Masking">Whether the values cannot be told from the result.</param>
public sealed record OpenLineageTransformation(string Type, string? Subtype, bool Masking);

/// <param name="Node">What the edges lead to: a dataset, one of its columns, or a job.</param>
/// <param name="Run">The run of the job, where the edges are tied to one.</param>
/// <param name="Sources">What they come from; none says that there is nothing upstream.</param>
public sealed record OpenLineageTarget(NodeId Node, NodeId? Run, IReadOnlyList<OpenLineageSource> Sources);

/// <param name="Rows">Read or written.</param>
/// <param name="Bytes">Read or written.</param>
/// <param name="Files">Read or written.</param>
public sealed record OpenLineageStatistics(long? Rows, long? Bytes, long? Files);

/// <param name="Name">What was tested, such as <c>not_null</c>.</param>
/// <param name="Column">Where it is about one.</param>
/// <param name="Success">Whether it held.</param>
public sealed record OpenLineageAssertion(string Name, string? Column, bool Success);

/// <param name="Key">Of the tag.</param>
/// <param name="Value">Of the tag.</param>
/// <param name="Field">The column that carries it; null for the thing itself.</param>
public sealed record OpenLineageTag(string Key, string Value, string? Field);

/// <summary>Why an event cannot be taken.</summary>
/// <param name="Path">Where: <c>$.inputs[0].name</c>.</param>
/// <param name="Detail">A sentence that says what would be right, and names no value.</param>
public sealed record OpenLineageProblem(string Path, string Detail);
