using System.Diagnostics.Metrics;

namespace Catalog.Tests.Access;

/// <summary>Counts the gate's decisions on this thread: other tests decide at the same time.</summary>
internal sealed class CountedDecisions : IDisposable
{
    private readonly MeterListener _listener = new();

    public CountedDecisions()
    {
        var thread = Environment.CurrentManagedThreadId;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "catalog.access.decisions")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, _, _) =>
            Count += Environment.CurrentManagedThreadId == thread ? (int)count : 0);
        _listener.Start();
    }

    public int Count { get; private set; }

    public void Dispose() => _listener.Dispose();
}
