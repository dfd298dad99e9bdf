using Microsoft.Extensions.Hosting;

namespace Catalog.Serving.Metrics;

/// <summary>Lets the meter be read, and looks every ten seconds at what is told of the time that went by.</summary>
internal sealed class ServingSampler(
    ServingMeter meter, ServingReadings readings, ServiceLevelReadings levelReadings, ServingLoad load, ServiceLevels levels,
    TimeProvider clock) : BackgroundService
{
    public static TimeSpan Every { get; } = TimeSpan.FromSeconds(10);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        meter.Observe(readings);
        meter.Observe(levelReadings);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            load.Sample();
            levels.Sample();
        }
    }
}
