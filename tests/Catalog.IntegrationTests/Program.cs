using Catalog.IntegrationTests.Hosting;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Catalog.IntegrationTests;

internal static class Program
{
    private static async Task<int> Main(string[] args) => args switch
    {
        [PostgresOwner.Argument, .. var rest] => await PostgresOwner.RunAsync(rest),
        _ when args.Any(a => a is "--server" or "--internal-msbuild-node") =>
            await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => await ConsoleRunner.Run(args),
    };
}
