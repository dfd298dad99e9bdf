using Catalog.Schemas;

namespace Catalog.Sdk;

/// <summary>What differs upstream of two nodes, or of one at two times.</summary>
/// <param name="From">The one, by number.</param>
/// <param name="To">The other, by number.</param>
/// <param name="Position">Log position the answer holds at.</param>
/// <param name="Same">Nothing differs.</param>
/// <param name="Datasets">Datasets and models of which other versions were used.</param>
/// <param name="Runs">Jobs that ran differently, or on one side only.</param>
public sealed record LineageDifference(
    NodeId From, NodeId To, long Position, bool Same, IReadOnlyList<VersionsDiffer> Datasets, IReadOnlyList<RunsDiffer> Runs);

/// <summary>A dataset or model of which other versions were used.</summary>
/// <param name="Thing">The dataset or model.</param>
/// <param name="From">Versions used on the one side; none when it was not used there.</param>
/// <param name="To">Versions used on the other.</param>
/// <param name="Schema">What changed between the newest of each, where both schemas are known.</param>
public sealed record VersionsDiffer(NodeId Thing, IReadOnlyList<string> From, IReadOnlyList<string> To, SchemaChange? Schema);

/// <summary>A job that ran differently.</summary>
/// <param name="Job">The job.</param>
/// <param name="From">Its run nearest to the one node; null when it had no part in that.</param>
/// <param name="To">Its run nearest to the other.</param>
/// <param name="CodeRevision">
/// Null when it is the same. Of runs that others told of it may be named <c>sql</c> or <c>sourceCode</c>, and hold the text.
/// </param>
/// <param name="Parameters">Those that differ.</param>
/// <param name="Environment">What differs of it.</param>
public sealed record RunsDiffer(
    NodeId Job,
    NodeId? From,
    NodeId? To,
    ValueDiffers? CodeRevision,
    IReadOnlyList<ValueDiffers> Parameters,
    IReadOnlyList<ValueDiffers> Environment);

/// <summary>A value that is not the same.</summary>
/// <param name="Name">What differs.</param>
/// <param name="From">On the one side; null when it is not there.</param>
/// <param name="To">On the other.</param>
public sealed record ValueDiffers(string Name, string? From, string? To);
