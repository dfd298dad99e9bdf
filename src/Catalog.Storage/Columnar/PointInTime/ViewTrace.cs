namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>Which events a row's features of one view come from.</summary>
/// <param name="View">Its name in the join.</param>
/// <param name="Count">How many events: all that are in the longest window, or that could hold.</param>
/// <param name="Events">The latest first; of a view of columns as they are, only the one that holds.</param>
public sealed record ViewTrace(string View, long Count, IReadOnlyList<EventTrace> Events);

/// <param name="Place">Of the event's row among all rows of the version, from 0.</param>
/// <param name="EventTime">Microseconds since 1970.</param>
/// <param name="Created">Microseconds since 1970; null where the view does not say.</param>
public sealed record EventTrace(long Place, long EventTime, long? Created);
