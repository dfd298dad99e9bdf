using Catalog.Platform;
using Catalog.Platform.Writes;

namespace Catalog.Access;

/// <summary>What became of a write about who may do what.</summary>
/// <param name="Id">What was written: <c>group:analysts</c>, <c>principal:svc-train</c>.</param>
/// <param name="Changed">False when it was so before.</param>
/// <param name="Position">Of the log, for <c>atLeast</c>.</param>
public sealed record AccessReceipt(string Id, bool Changed, long Position)
{
    internal static Outcome<AccessReceipt> Of(string stream, Written written) => written.Decision switch
    {
        Decision.Refused refused => Problem.Refused(refused),
        var decision => new AccessReceipt(stream, decision is Decision.Accepted, written.Position),
    };
}
