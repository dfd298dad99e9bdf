using Microsoft.Extensions.Hosting;

namespace Catalog.Serving.Metrics;

/// <summary>Lets the meter be read, and looks at what is told as a mean of the last ten seconds.</summary>
internal sealed class ServingSampler(ServingMeter meter, ServingReadings readings, ServingLoad load, TimeProvider clock) : BackgroundService
{
    public static TimeSpan Every { get; } = TimeSpan.FromSeconds(10);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        meter.Observe(readings);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            load.Sample();
    }
}
