using Catalog.Search;

namespace Catalog.Sdk;

/// <summary>What a search is limited to.</summary>
public sealed record SearchOptions
{
    /// <summary>Only such things.</summary>
    public SearchKind? Kind { get; init; }

    /// <summary>Only in this namespace; runs are in their job's.</summary>
    public string? Namespace { get; init; }

    /// <summary>Only what has this tag, or a column that has it.</summary>
    public string? Tag { get; init; }

    /// <summary>Only what this one owns.</summary>
    public string? Owner { get; init; }

    /// <summary>Results in an answer of the server, 1 to 1000. Ask for few where only the best are looked at.</summary>
    public int PageSize { get; init; } = 100;
}

/// <summary>A thing that was found.</summary>
/// <param name="Node">The thing.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Namespace">Its namespace; of a run, its job's.</param>
/// <param name="Name">Its name; of a run, its id.</param>
/// <param name="Owner">Where one is known.</param>
/// <param name="Retired">It takes no more changes; of a deployment, nothing serves there any more.</param>
/// <param name="Score">From 0 to 1, to compare the things of one search.</param>
/// <param name="Matches">Where the words are.</param>
public sealed record SearchResult(
    NodeId Node, SearchKind Kind, string Namespace, string Name, string? Owner, bool Retired, double Score,
    IReadOnlyList<SearchMatch> Matches);

/// <summary>Where words were found.</summary>
/// <param name="In">What holds some of the words.</param>
/// <param name="Text">It, whole; of a long description, a part.</param>
/// <param name="Node">Of a column.</param>
public sealed record SearchMatch(SearchField In, string Text, NodeId? Node);
