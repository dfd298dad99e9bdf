namespace Catalog.Serving.Metrics;

/// <summary>Measures lookups as they end. It runs in each of them: labels are made before, and nothing is allocated.</summary>
internal sealed class LookupMeter(ServingMeter meter, TimeProvider clock)
{
    private long _busy;

    /// <summary>How long lookups that have ended took, all together.</summary>
    public TimeSpan Busy => TimeSpan.FromTicks(Interlocked.Read(ref _busy));

    public void Refuse(ReadPlan plan, ServingDoor door)
    {
        meter.RefusedLookups.Add(1, plan.Level.Refused(door));
        plan.Level.CountRefused();
    }

    /// <returns>What to <see cref="End"/> with.</returns>
    public long Begin() => clock.GetTimestamp();

    public void End(OnlineRead read, ServingDoor door, LookupOutcome outcome, long began)
    {
        var took = clock.GetElapsedTime(began);
        Interlocked.Add(ref _busy, took.Ticks);
        meter.LookupDuration.Record(took.TotalSeconds, read.Plan.Level.Ended(door, outcome));
        read.Plan.Level.Count(outcome, took, read.Plan.Service?.LatencyTarget);
        if (outcome != LookupOutcome.Answered)
            return;
        for (var view = 0; view < read.Plan.Views.Count; view++)
            CountRows(read, view);
    }

    private void CountRows(OnlineRead read, int place)
    {
        var view = read.Plan.Views[place].View;
        meter.TierAnswers.Add(1, view.Labels.Of(read.TierOf(place)));
        if (!meter.RowsFound.Enabled)
            return;
        var (present, old) = (0, 0);
        foreach (var address in read.RowsOf(place))
        {
            if (address == 0)
                continue;
            if (read.IsFresh(view, new(address)))
                present++;
            else
                old++;
        }

        Add(present, view.Labels.Present);
        Add(old, view.Labels.OutsideMaxAge);
        Add(read.Count - present - old, view.Labels.NotFound);
    }

    private void Add(int rows, KeyValuePair<string, object?>[] labels)
    {
        if (rows > 0)
            meter.RowsFound.Add(rows, labels);
    }
}
