using Catalog.Access;
using Catalog.Serving;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.Online;

/// <summary>Says what was masked and left out where the answer itself, which is of another's making, has no place for it.</summary>
internal static class ObligedHeaders
{
    /// <summary>What is shown instead of features' values: <c>tail_number=hash, delay=bucket</c>, names percent-encoded.</summary>
    public const string Masked = "Catalog-Masked";

    /// <summary>There where rows are left out that the caller may not see; they are answered as not found.</summary>
    public const string Filtered = "Catalog-Filtered";

    /// <param name="response">Nothing of which is sent yet.</param>
    /// <param name="read">That is answered with.</param>
    /// <param name="names">Of its features, as the answer has them.</param>
    public static void Write(HttpResponse response, OnlineRead read, IReadOnlyList<string> names)
    {
        if (!read.IsObliged)
            return;
        var masked = Enumerable.Range(0, names.Count)
            .Where(i => read.MaskOf(read.Plan.Features[i]) is not null)
            .Select(i => $"{Names.Encode(names[i])}={Masks.Write(read.MaskOf(read.Plan.Features[i]) ?? Mask.None)}");
        if (string.Join(", ", masked) is { Length: > 0 } list)
            response.Headers[Masked] = list;
        if (Enumerable.Range(0, read.Plan.Views.Count).Any(v => read.ObligedOf(v) is { IsFiltered: true }))
            response.Headers[Filtered] = "true";
    }
}
