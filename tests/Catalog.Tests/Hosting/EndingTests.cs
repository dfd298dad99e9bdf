using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Catalog.Tests.Hosting;

public sealed class EndingTests
{
    [Fact]
    public void What_the_daemon_complains_of_is_logged_until_the_server_ends()
    {
        var ending = new Ending();

        Assert.True(ending.Lets(LogLevel.Error));
        Assert.True(ending.Lets(LogLevel.Warning));
        Assert.False(ending.Lets(LogLevel.Information));

        ending.Begin();
        Assert.False(ending.Lets(LogLevel.Critical));
    }

    [Theory]
    [InlineData(typeof(Marten.Events.Daemon.Coordination.IProjectionCoordinator))]
    [InlineData(typeof(JasperFx.Events.Daemon.IProjectionDaemon))]
    public void The_daemon_logs_under_these_names(Type type) =>
        Assert.Contains(Ending.Daemons, name => (type.FullName ?? "").StartsWith(name, StringComparison.Ordinal));
}
