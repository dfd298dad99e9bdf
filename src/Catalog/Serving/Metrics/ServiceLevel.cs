using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Catalog.Serving.Metrics;

/// <summary>
/// What is measured of a service, in all its versions, or of lookups that ask for features. It is counted here in every lookup: without a
/// lock, and without allocating.
/// </summary>
internal sealed class ServiceLevel
{
    private static readonly int s_outcomes = Enum.GetValues<LookupOutcome>().Length;
    private readonly LevelHistory _history = new();
    private readonly Label[][] _ended;
    private readonly Label[][] _refused;
    private long _inTime;
    private long _slow;
    private long _failed;

    /// <param name="name">Without a version: <c>demo/flight_delay</c>.</param>
    /// <param name="at">Now, since the server started.</param>
    public ServiceLevel(string name, TimeSpan at)
    {
        Label = new Label(MetricLabels.Service, name);
        var doors = Enum.GetValues<ServingDoor>().Select(d => new Label(MetricLabels.Door, MetricLabels.Write(d))).ToList();
        var outcomes = Enum.GetValues<LookupOutcome>().Select(o => new Label(MetricLabels.Outcome, MetricLabels.Write(o))).ToList();
        _ended = [.. doors.SelectMany(door => outcomes.Select(outcome => (Label[])[Label, door, outcome]))];
        _refused = [.. doors.Select(door => (Label[])[Label, door])];
        _history.Note(at, default);
    }

    /// <summary>Lookups that ask for features.</summary>
    public static ServiceLevel None { get; } = new("none", TimeSpan.Zero);

    public Label Label { get; }

    /// <summary>Since the service was first served here.</summary>
    public LevelCounts Counts => new(Interlocked.Read(ref _inTime), Interlocked.Read(ref _slow), Interlocked.Read(ref _failed));

    public Label[] Ended(ServingDoor door, LookupOutcome outcome) => _ended[((int)door * s_outcomes) + (int)outcome];

    public Label[] Refused(ServingDoor door) => _refused[(int)door];

    /// <param name="target">That the version which was asked promises; null for none.</param>
    public void Count(LookupOutcome outcome, TimeSpan took, TimeSpan? target)
    {
        switch (outcome)
        {
            case LookupOutcome.Answered when took > target:
                Interlocked.Increment(ref _slow);
                break;
            case LookupOutcome.Answered:
                Interlocked.Increment(ref _inTime);
                break;
            case LookupOutcome.Unavailable or LookupOutcome.Failed:
                CountRefused();
                break;
            default:
                break; // the caller's own doing
        }
    }

    /// <summary>One that there was no room for.</summary>
    public void CountRefused() => Interlocked.Increment(ref _failed);

    /// <param name="at">Now, since the server started.</param>
    public void Sample(TimeSpan at) => _history.Note(at, Counts);

    /// <summary>What was counted in a window that ends now.</summary>
    public LevelCounts Within(TimeSpan window, TimeSpan now) => Counts - _history.Before(now, window);
}
