using System.Text.Json;

namespace Catalog.Sdk;

/// <summary>What OpenLineage events told of a run, job or dataset.</summary>
/// <param name="Node">Without version and column.</param>
/// <param name="Page">The path of the page that shows what was done here; null where nothing was.</param>
/// <param name="FirstEvent">The time of the earliest event that names it; null where none does.</param>
/// <param name="LastEvent">The time of the latest.</param>
/// <param name="Run">Of a run.</param>
/// <param name="Job">Of a job.</param>
/// <param name="Dataset">Of a dataset.</param>
/// <param name="Facets">By name, each as the latest event that has it.</param>
public sealed record LineageReport(
    NodeId Node, string? Page, DateTimeOffset? FirstEvent, DateTimeOffset? LastEvent, ReportedRun? Run, ReportedJob? Job,
    ReportedDataset? Dataset, IReadOnlyList<ReportedFacet> Facets);

/// <summary>What events told of a run.</summary>
/// <param name="Job">What runs in it.</param>
/// <param name="State">
/// As its client last said: <c>start</c>, <c>running</c>, <c>complete</c>, <c>abort</c>, <c>fail</c> or <c>other</c>.
/// </param>
/// <param name="StateSince">The time of the event that said so.</param>
/// <param name="Started">The time of START.</param>
/// <param name="Ended">The time of COMPLETE, ABORT or FAIL, whichever counts.</param>
/// <param name="ParentRun">The run that started it.</param>
/// <param name="ParentJob">The job of that run.</param>
/// <param name="RootRun">The first of the chain of parents.</param>
/// <param name="RootJob">The job of that run.</param>
/// <param name="NominalStart">What it was scheduled for.</param>
/// <param name="NominalEnd">The end of what it was scheduled for.</param>
public sealed record ReportedRun(
    NodeId? Job, string? State, DateTimeOffset? StateSince, DateTimeOffset? Started, DateTimeOffset? Ended, NodeId? ParentRun,
    NodeId? ParentJob, NodeId? RootRun, NodeId? RootJob, DateTimeOffset? NominalStart, DateTimeOffset? NominalEnd);

/// <summary>What events told of a job.</summary>
/// <param name="ProcessingType">Such as <c>BATCH</c>.</param>
/// <param name="Integration">Such as <c>SPARK</c>.</param>
/// <param name="JobType">Such as <c>QUERY</c>.</param>
/// <param name="ParentJob">The job of the run that started its runs.</param>
/// <param name="LastRun">The run of the latest event.</param>
public sealed record ReportedJob(string? ProcessingType, string? Integration, string? JobType, NodeId? ParentJob, NodeId? LastRun);

/// <summary>What events told of a dataset.</summary>
/// <param name="Type">Such as <c>TABLE</c>.</param>
/// <param name="LastWritten">When a run that wrote it last completed.</param>
/// <param name="Change">What last happened to it as a whole: <c>create</c>, <c>drop</c>, <c>rename</c>, ….</param>
/// <param name="ChangedAt">When.</param>
/// <param name="RenamedTo">Its name since then, after a rename.</param>
public sealed record ReportedDataset(
    string? Type, DateTimeOffset? LastWritten, string? Change, DateTimeOffset? ChangedAt, NodeId? RenamedTo);

/// <summary>A facet, as the latest event has it.</summary>
/// <param name="Name">Such as <c>sql</c>.</param>
/// <param name="Member">What it stood under in the event: <c>facets</c>, <c>inputFacets</c> or <c>outputFacets</c>.</param>
/// <param name="Value">The facet, whole; null where the event was erased.</param>
/// <param name="EventTime">When it was so.</param>
/// <param name="Position">Where the event's fact stands in the log.</param>
/// <param name="Producer">What made the event, as it says itself.</param>
/// <param name="Sender">Who sent it.</param>
public sealed record ReportedFacet(
    string Name, string Member, JsonElement? Value, DateTimeOffset EventTime, long Position, string? Producer, string? Sender);
