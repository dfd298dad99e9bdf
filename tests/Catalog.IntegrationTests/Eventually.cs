using System.Diagnostics;

namespace Catalog.IntegrationTests;

/// <summary>Waits for a condition instead of for a time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public static Task True(Func<bool> condition, string what) => True(() => Task.FromResult(condition()), what);

    public static async Task True(Func<Task<bool>> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Limit, $"Not within {Limit.TotalSeconds:0} s: {what}");
            await Task.Delay(Poll);
        }
    }
}
