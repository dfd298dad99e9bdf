using System.Diagnostics;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Authentication;
using Catalog.Server.Doors.DeltaSharing;
using Catalog.Server.Doors.Feast;
using Catalog.Server.Doors.Flight;
using Catalog.Server.Doors.Lookup;
using Microsoft.AspNetCore.Http;

namespace Catalog.Server.Http;

/// <summary>
/// Makes a caller out of an API key or a bearer token, on every address under <c>/v1</c>, and where doors are; and holds back any answer
/// given there without the gate having been asked.
/// </summary>
internal sealed class AuthenticationMiddleware(RequestDelegate next, MetricsOptions metrics, PolicyFollower policies, DecisionLog decisions)
{
    public const string PurposeHeader = "Catalog-Purpose";
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext http, Authenticator authenticator, Caller caller, Gate gate)
    {
        if (!IsGuarded(http.Request.Path))
        {
            await next(http);
            return;
        }

        if (await IdentifyAsync(http, authenticator) is var identity && !identity.Succeeded)
        {
            await Refusals.Of(http, identity.Problem).ExecuteAsync(http);
            return;
        }

        if (!policies.IsRead && await policies.ReachAsync(0, http.RequestAborted) is { } unread)
        {
            await Refusals.Of(http, unread).ExecuteAsync(http);
            return;
        }

        caller.Become(identity.Value);
        http.Response.OnStarting(() => LetGoAsync(http, gate));
        await next(http);
    }

    /// <summary>No answer leaves that the gate was not asked about, and none that refuses before the refusal is kept.</summary>
    private async Task LetGoAsync(HttpContext http, Gate gate)
    {
        if (!gate.Asked && http.Response.StatusCode < StatusCodes.Status400BadRequest && !FlightDoor.IsRefusal(http.Response))
            throw new InvalidOperationException("An answer was about to leave without the gate having been asked.");
        if (gate.TakeDenied() is { Count: > 0 } denied)
            await decisions.KeepAsync(denied, http.RequestAborted);
    }

    /// <summary>Routes match in any case, so this must, too.</summary>
    private bool IsGuarded(PathString path) =>
        path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        || DeltaSharingDoor.IsAskedAt(path)
        || FeastDoor.IsAskedAt(path)
        || FlightDoor.IsAskedAt(path)
        || FeastDoor.IsCalledAt(path)
        || LookupDoor.IsCalledAt(path)
        || (!metrics.AreOpen && MetricsDoor.IsAskedAt(path));

    private static async Task<Outcome<Identity>> IdentifyAsync(HttpContext http, Authenticator authenticator)
    {
        var header = http.Request.Headers.Authorization.ToString();
        var presented = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
        var who = await authenticator.IdentifyAsync(presented, http.Connection.RemoteIpAddress, http.RequestAborted);
        if (!who.Succeeded)
            return who.Problem;

        var declared = http.Request.Headers[PurposeHeader].ToString();
        Purpose? purpose = null;
        if (declared.Length > 0)
        {
            if (!Purposes.TryParse(declared, out var known))
                return Problem.Field("access.purpose_unknown", PurposeHeader, $"The purpose must be one of {Purposes.List}.");
            purpose = known;
        }

        Guid? run = null;
        if (http.Request.Headers[RequestParameter.Run.Name].ToString() is { Length: > 0 } named)
        {
            if (!Guid.TryParse(named, out var id))
            {
                return Problem.Field(
                    "request.invalid", RequestParameter.Run.Name, "The run must be its id, such as 0198c0de-0000-7000-8000-000000000000.");
            }

            run = id;
        }

        return who.Value with
        {
            Purpose = purpose,
            Correlation = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier,
            Causation = http.TraceIdentifier,
            Run = run,
            Address = CallerAddress.Of(http.Connection.RemoteIpAddress),
        };
    }
}
