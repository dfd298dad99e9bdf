using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Catalog.Platform;

internal static class HostedServices
{
    /// <summary>Works until the server ends. Work that fails, or ends by itself, is begun again after a pause.</summary>
    /// <param name="work">Goes on for as long as it can.</param>
    /// <param name="pause">Before it is begun again.</param>
    /// <param name="clock">Measures the pause.</param>
    /// <param name="failed">Told why work failed.</param>
    /// <param name="stopping">The server ends: then nothing that fails matters any more.</param>
    public static async Task UntilStoppedAsync(
        Func<CancellationToken, Task> work, TimeSpan pause, TimeProvider clock, Action<Exception> failed, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work(stopping);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failed(e);
            }

            await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Work that goes on in the background, and that others ask.</summary>
    public static void AddHostedSingleton<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(provider => provider.GetRequiredService<T>());
    }
}
