using System.Diagnostics;
using Xunit;

namespace Catalog.Tests.Storage;

/// <summary>A file system in memory that is soon full; skips the test where this user may not mount one.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <param name="path">Made where it is missing.</param>
    /// <param name="size">As <c>mount</c> takes it: <c>1m</c>.</param>
    public static async Task<SmallDisk> MountAsync(string path, string size)
    {
        Directory.CreateDirectory(path);
        Assert.SkipUnless(
            await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "catalog-test", path), "this user may not mount a small disk");
        return new SmallDisk(path);
    }

    public async Task MakeReadOnlyAsync() => Assert.True(await RunAsync("mount", "-o", "remount,ro", Path));

    public async ValueTask DisposeAsync() => Assert.True(await RunAsync("umount", Path));

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true });
            if (process is null)
                return false;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
