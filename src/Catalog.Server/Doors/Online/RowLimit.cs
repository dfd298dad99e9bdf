using Catalog.Platform;
using Catalog.Platform.Http;

namespace Catalog.Server.Doors.Online;

/// <summary>How many rows a request may ask for.</summary>
internal static class RowLimit
{
    public const int MostRows = 10_000;

    public static ProblemException Exceeded() => new(Problem.Of(
        "request.too_large", $"A request is for {MostRows:N0} rows at most: ask for the others in another one."));
}
