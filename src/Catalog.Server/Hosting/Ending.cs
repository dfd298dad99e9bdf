using Microsoft.Extensions.Logging;

namespace Catalog.Server.Hosting;

/// <summary>
/// What the daemon that runs the projections may log. One that is told to stop while it still loads fails with stack traces that mean
/// nothing: from when the server is asked to end, it is not listened to.
/// </summary>
internal sealed class Ending
{
    /// <summary>Where its log lines come from.</summary>
    public static readonly string[] Daemons = ["Marten.Events.Daemon", "JasperFx.Events.Daemon"];

    private volatile bool _begun;

    public void Begin() => _begun = true;

    public bool Lets(LogLevel level) => level >= LogLevel.Warning && !_begun;
}
