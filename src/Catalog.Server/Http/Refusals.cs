using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.DeltaSharing;
using Catalog.Server.Doors.Feast;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Http;

/// <summary>Refusals from places that serve every address, in the shape of whoever asks there.</summary>
internal static class Refusals
{
    public static IResult Of(HttpContext http, Problem problem) =>
        DeltaSharingDoor.IsAskedAt(http.Request.Path) ? new SharingRefusal(problem)
        : FeastDoor.IsAskedAt(http.Request.Path) ? new FeastRefusal(problem)
        : new ProblemAnswer(problem);
}
