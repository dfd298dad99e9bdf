using Catalog.Lineage;

namespace Catalog.Sdk;

/// <summary>A shortest way along which data flowed.</summary>
/// <param name="From">Where it was looked for from, by number.</param>
/// <param name="To">Where to, by number.</param>
/// <param name="Position">Log position the answer holds at.</param>
/// <param name="Found">Whether data flowed from one to the other at all.</param>
/// <param name="Edges">The way, step by step; empty when there is none.</param>
public sealed record LineagePath(NodeId From, NodeId To, long Position, bool Found, IReadOnlyList<LineageEdge> Edges);
