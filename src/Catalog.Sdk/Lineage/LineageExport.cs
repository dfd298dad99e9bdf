namespace Catalog.Sdk;

/// <summary>Lineage, written in a format of others.</summary>
/// <param name="Text">All of it.</param>
/// <param name="MediaType">Such as <c>application/json</c>.</param>
/// <param name="Position">Log position it holds at; null where the server did not say.</param>
/// <param name="Truncated">There is more than was asked for; or, of OpenLineage, than one array can hold or than was kept.</param>
public sealed record LineageExport(string Text, string MediaType, long? Position, bool Truncated);
