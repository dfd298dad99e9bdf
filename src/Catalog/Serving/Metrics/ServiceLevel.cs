using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Catalog.Serving.Metrics;

/// <summary>A service whose lookups are measured, in all its versions; or those that ask for features.</summary>
internal sealed class ServiceLevel
{
    private static readonly int s_outcomes = Enum.GetValues<LookupOutcome>().Length;
    private readonly Label[][] _ended;
    private readonly Label[][] _refused;

    /// <param name="name">Without a version: <c>demo/flight_delay</c>.</param>
    public ServiceLevel(string name)
    {
        var service = new Label(MetricLabels.Service, name);
        var doors = Enum.GetValues<ServingDoor>().Select(d => new Label(MetricLabels.Door, MetricLabels.Write(d))).ToList();
        var outcomes = Enum.GetValues<LookupOutcome>().Select(o => new Label(MetricLabels.Outcome, MetricLabels.Write(o))).ToList();
        _ended = [.. doors.SelectMany(door => outcomes.Select(outcome => (Label[])[service, door, outcome]))];
        _refused = [.. doors.Select(door => (Label[])[service, door])];
    }

    /// <summary>Lookups that ask for features.</summary>
    public static ServiceLevel None { get; } = new("none");

    public Label[] Ended(ServingDoor door, LookupOutcome outcome) => _ended[((int)door * s_outcomes) + (int)outcome];

    public Label[] Refused(ServingDoor door) => _refused[(int)door];
}
