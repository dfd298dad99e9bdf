using System.Diagnostics;
using System.Runtime.Versioning;
using Catalog.Tests.Storage;
using Xunit;

namespace Catalog.Tests.Ci;

/// <summary><c>.ci/run</c>, with programs of the test's own in the place of .NET and of what it would install.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RunScriptTests : IDisposable
{
    private const string Summary = "Test run summary: Passed!\n  total: 7\n  failed: 0\n  succeeded: 5\n  skipped: 2\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("everything passed", 0, 0, Summary, 0, "5 passed, 0 failed, 2 skipped")]
    [InlineData("no test was skipped", 0, 0, "Test run summary: Passed!\n  failed: 0\n  succeeded: 5\n", 0, "5 passed, 0 failed")]
    [InlineData("a test failed", 0, 2, "Test run summary: Failed!\n  failed: 1\n  succeeded: 4\n  skipped: 0\n", 2, "4 passed, 1 failed")]
    [InlineData("the test host crashed after it counted", 0, 134, Summary, 134, "5 passed, 1 failed, 2 skipped")]
    [InlineData("the test host crashed", 0, 134, "crashed", 1, "0 passed, 1 failed")]
    [InlineData("no test ran", 0, 0, "Test run summary: Zero tests ran\n  total: 0\n", 1, "0 passed, 1 failed")]
    [InlineData("the build failed", 1, 0, Summary, 1, "0 passed, 1 failed")]
    public async Task The_last_line_is_the_count_however_it_ends(
        string how, int buildExit, int testExit, string output, int expectedExit, string lastLine)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the script is for Linux");
        _folder.Write("output", output);
        foreach (var program in (string[])["setpriv", "postgres", "radosgw", "npm", "apt-get"])
            WriteProgram(program, "exit 0");
        WriteProgram("dotnet", $"case $1 in build) exit {buildExit};; test) cat '{_folder.Join("output")}'; exit {testExit};; esac");

        var (exit, lines) = await RunAsync();

        Assert.True(expectedExit == exit, $"{how}: exit code {exit}");
        Assert.Equal(lastLine, lines[^1]);
    }

    private void WriteProgram(string name, string script) =>
        File.SetUnixFileMode(_folder.Write("bin/" + name, $"#!/bin/sh\n{script}\n"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

    private async Task<(int Exit, string[] Lines)> RunAsync()
    {
        var start = new ProcessStartInfo("bash", [Repository.File(".ci/run")]) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{_folder.Join("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.TrimEnd('\n').Split('\n'));
    }
}
