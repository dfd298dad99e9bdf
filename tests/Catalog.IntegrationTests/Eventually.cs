using System.Diagnostics;

namespace Catalog.IntegrationTests;

/// <summary>Waits for a condition instead of for a time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public static Task True(Func<bool> condition, string what, TimeSpan? limit = null) =>
        True(() => Task.FromResult(condition()), what, limit);

    public static async Task True(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        var began = Stopwatch.GetTimestamp();
        var most = limit ?? Limit;
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < most, $"Not within {most.TotalSeconds:0} s: {what}");
            await Task.Delay(Poll);
        }
    }
}
