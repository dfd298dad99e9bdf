using System.Diagnostics.Metrics;
using System.Globalization;

namespace Catalog.Tests.Serving;

/// <summary>What is measured by the meters of one factory, in its order: <c>name label=value: measurement</c>.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();

    public Measured(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Note(instrument, value, labels));
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Note(instrument, value, labels));
        _listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => Note(instrument, value, labels));
        _listener.Start();
    }

    public List<string> Lines { get; } = [];

    /// <summary>Looks at what is looked at when somebody asks.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Note(Instrument instrument, IFormattable value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = string.Concat(labels.ToArray().Select(l => $" {l.Key}={l.Value}"));
        Lines.Add($"{instrument.Name}{text}: {value.ToString(format: null, CultureInfo.InvariantCulture)}");
    }
}
