using Catalog.Platform.Store;
using Marten;
using static Catalog.Platform.Store.MergeColumn;
using static Catalog.Platform.Store.Merging;

namespace Catalog.Lineage.Reported;

/// <summary>
/// What OpenLineage events tell of runs, jobs and datasets, laid out flat for lists and for SQL. Derived from the log and made anew from
/// it; no facet is copied here, only where to find it, so that erasing an event's body erases it everywhere.
/// </summary>
internal static class ReportedTables
{
    /// <summary>One row an event.</summary>
    public static MergeTable Events { get; } = new MergeTable(
        "openlineage_event",
        Number("position", Key),
        Time("event_time", Constant),
        Text("kind", Constant), // run, job or dataset
        Text("state", Constant), // start, running, complete, abort, fail or other
        Text("run", Constant),
        Text("job", Constant),
        Text("dataset", Constant), // of a dataset event
        Bytes("hash", Constant), // of openlineage_body
        Flag("late", Constant))
        .WithIndex("event_time", "position");

    /// <summary>One row a run that an event names, parents included.</summary>
    public static MergeTable Runs { get; } = new MergeTable(
        "openlineage_run",
        Text("node", Key),
        Time("first_event", Least), // that names it
        Time("last_event", Greatest),
        Time("started", Least), // the time of START
        Text("job", Latest, "job_stamp"),
        Text("state", Latest, "state_stamp"), // as of events; null where none told
        Time("state_since", Latest, "state_stamp"),
        Time("ended", Latest, "state_stamp"),
        Text("parent_run", Latest, "parent_stamp"),
        Text("parent_job", Latest, "parent_stamp"),
        Text("root_run", Latest, "parent_stamp"),
        Text("root_job", Latest, "parent_stamp"),
        Time("nominal_start", Latest, "nominal_stamp"),
        Time("nominal_end", Latest, "nominal_stamp"),
        OrderedBy("job_stamp"),
        OrderedBy("state_stamp"),
        OrderedBy("parent_stamp"),
        OrderedBy("nominal_stamp"))
        .WithIndex("job", "first_event");

    /// <summary>One row a job that an event names, jobs of parents included.</summary>
    public static MergeTable Jobs { get; } = new MergeTable(
        "openlineage_job",
        Text("node", Key),
        Text("namespace", Constant),
        Text("name", Constant),
        Time("first_event", Least),
        Time("last_event", Greatest),
        Text("processing_type", Latest, "type_stamp"),
        Text("integration", Latest, "type_stamp"),
        Text("job_type", Latest, "type_stamp"),
        Text("parent_job", Latest, "parent_stamp"),
        Text("last_run", Latest, "run_stamp"), // whose event is the latest
        OrderedBy("type_stamp"),
        OrderedBy("parent_stamp"),
        OrderedBy("run_stamp"))
        .WithIndex("namespace", "name")
        .WithIndex("last_event", "node");

    /// <summary>One row a dataset that an event names as input, as output or alone, and one for what it was called before.</summary>
    public static MergeTable Datasets { get; } = new MergeTable(
        "openlineage_dataset",
        Text("node", Key),
        Text("namespace", Constant),
        Text("name", Constant),
        Time("first_event", Least),
        Time("last_event", Greatest),
        Time("last_written", Greatest), // by a run that completed
        Text("type", Latest, "type_stamp"),
        Text("change", Latest, "change_stamp"), // alter, create, drop, overwrite, rename or truncate
        Time("changed_at", Latest, "change_stamp"),
        Text("renamed_to", Latest, "change_stamp"),
        OrderedBy("type_stamp"),
        OrderedBy("change_stamp"))
        .WithIndex("namespace", "name")
        .WithIndex("last_event", "node");

    /// <summary>
    /// Where facets are: one row for each set of facets that events give a thing together, with the latest event that does. Clients give
    /// a thing the same few sets over and over, so there are few rows, and one write an event and thing instead of one a facet. A facet
    /// stands as in the latest (by <c>stamp</c>) of the rows that name it.
    /// </summary>
    public static MergeTable FacetSets { get; } = new MergeTable(
        "openlineage_facet_set",
        Text("node", Key),
        Bytes("digest", Key), // of role, facets and deleted
        Text("role", Constant), // input or output; null where the thing stands for itself
        Words("facets", Constant),
        Words("deleted", Constant), // taken back
        Time("event_time", Latest, "stamp"),
        Number("position", Latest, "stamp"),
        Bytes("hash", Latest, "stamp"),
        OrderedBy("stamp"));

    public static IReadOnlyList<MergeTable> All { get; } = [Events, Runs, Jobs, Datasets, FacetSets];

    public static void AddTo(StoreOptions options)
    {
        foreach (var table in All)
            table.AddTo(options);
    }
}
