using Catalog.IntegrationTests.Columns;
using Catalog.IntegrationTests.Flight;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests;

internal static class Program
{
    private static async Task<int> Main(string[] args) => args switch
    {
        [PostgresOwner.Argument, .. var rest] => await PostgresOwner.RunAsync(rest),
        [ServerProcess.Argument, .. var rest] => await ServerProcess.RunAsync(rest),
        [FlightWriter.Argument, .. var rest] => await FlightWriter.RunAsync(rest),
        [TrainingWorker.Argument, .. var rest] => await TrainingWorker.RunAsync(rest),
        _ when args.Any(a => a is "--server" or "--internal-msbuild-node") =>
            await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(
                args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
    };
}
