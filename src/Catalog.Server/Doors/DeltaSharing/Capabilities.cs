using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Doors.DeltaSharing;

/// <summary>
/// What the client says that it understands, in <c>delta-sharing-capabilities</c>. Answers are in the format <c>parquet</c>, which every
/// client reads; that of <c>delta</c> is for tables that are kept as Delta.
/// </summary>
/// <param name="EndOfStream">Whether it looks for a line that ends the answer.</param>
internal sealed record Capabilities(bool EndOfStream)
{
    private const string Header = "delta-sharing-capabilities";

    public static Capabilities Of(HttpRequest request) => new(
        request.Headers[Header].ToString()
            .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Contains("includeEndStreamAction=true", StringComparer.OrdinalIgnoreCase));

    /// <summary>Says what of it holds for the answer.</summary>
    public void Tell(HttpResponse response) =>
        response.Headers[Header] = EndOfStream ? "responseformat=parquet;includeendstreamaction=true" : "responseformat=parquet";
}
