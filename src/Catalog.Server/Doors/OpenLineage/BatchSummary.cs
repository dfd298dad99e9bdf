using System.Text.Encodings.Web;
using System.Text.Json;

namespace Catalog.Server.Doors.OpenLineage;

/// <summary>What became of a batch of which some events were not taken, in OpenLineage's own shape.</summary>
/// <param name="Status"><c>partial_success</c>: where all is well there is no body.</param>
/// <param name="Summary">How many of each.</param>
/// <param name="FailedEvents">Those that were not taken, by their place.</param>
internal sealed record BatchSummary(string Status, BatchSummary.Counts Summary, IReadOnlyList<BatchSummary.Failure> FailedEvents)
{
    public static JsonSerializerOptions Json { get; } =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static BatchSummary Of(int received, IReadOnlyList<Failure> failed) => new(
        "partial_success",
        new Counts(received, received - failed.Count, failed.Count, failed.Count(f => f.Retriable), failed.Count(f => !f.Retriable)),
        [.. failed.OrderBy(f => f.Index)]);

    /// <param name="Retriable">Failed, and worth sending again as they are.</param>
    /// <param name="NonRetriable">Failed, and wrong.</param>
    internal sealed record Counts(int Received, int Successful, int Failed, int Retriable, int NonRetriable);

    /// <param name="Index">Place in the array, from 0.</param>
    /// <param name="Reason">A sentence; for what is wrong with an event it begins with the path within it.</param>
    /// <param name="Retriable">Whether sending the event again as it is may help.</param>
    internal sealed record Failure(int Index, string Reason, bool Retriable);
}
