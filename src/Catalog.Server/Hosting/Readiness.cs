namespace Catalog.Server.Hosting;

/// <summary>Whether the start is done.</summary>
internal sealed class Readiness
{
    private volatile bool _ready;

    public bool IsReady => _ready;

    public void Ready() => _ready = true;
}
