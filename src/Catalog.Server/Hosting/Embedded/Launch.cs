using System.Diagnostics;

namespace Catalog.Server.Hosting;

/// <summary>How a program is started: as which user, in which session, and whether it dies with the thread that started it.</summary>
internal static class Launch
{
    private static readonly string[] SystemFolders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
    private static readonly Lazy<string?> SetPriv = new(FindSetPriv);
    private static readonly Lazy<string?> SetSid = new(() => OperatingSystem.IsLinux() ? FindSystemProgram("setsid") : null);

    /// <summary>
    /// A program whose output is captured, run as <paramref name="account"/> (null: our own user) with an almost empty environment.
    /// </summary>
    public static ProcessStartInfo Program(string file, IEnumerable<string> arguments, SystemAccount? account = null) =>
        Start(UserSwitch(account, dieWithParent: null), file, arguments, account);

    /// <summary>The same, in a session of its own (Ctrl-C in our terminal is not for it), and on Linux signalled by the kernel when the
    /// starting thread dies. That thread must therefore live as long as the child: see <see cref="Child"/>.</summary>
    public static ProcessStartInfo Dependent(string file, IEnumerable<string> arguments, SystemAccount? account, Signal onParentDeath)
    {
        var session = SetSid.Value is { } setsid ? new[] { setsid } : [];
        return Start([.. session, .. UserSwitch(account, onParentDeath)], file, arguments, account);
    }

    private static ProcessStartInfo Start(IReadOnlyList<string> prefix, string file, IEnumerable<string> arguments, SystemAccount? account)
    {
        string[] line = [.. prefix, file, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (OperatingSystem.IsWindows())
            return start;
        if (account is not null && SetPriv.Value is null)
            start.UserName = account.Name;

        start.WorkingDirectory = "/";
        // Our environment may hold keys and connection strings, and PG* variables that mean another server.
        var libraries = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = string.Join(':', SystemFolders);
        start.Environment["LC_ALL"] = "C";
        if (libraries is not null)
            start.Environment["LD_LIBRARY_PATH"] = libraries;
        return start;
    }

    // setpriv replaces itself with the program (runuser and su would stay in between as its parent), so the child's id is PostgreSQL's.
    private static string[] UserSwitch(SystemAccount? account, Signal? dieWithParent)
    {
        if (SetPriv.Value is not { } setpriv || (account is null && dieWithParent is null))
            return [];
        string[] user = account is null
            ? []
            : ["--reuid", $"{account.UserId}", "--regid", $"{account.GroupId}", "--clear-groups", "--inh-caps=-all"];
        string[] death = dieWithParent is { } signal ? ["--pdeathsig", signal.ToString().ToUpperInvariant()] : [];
        return [setpriv, .. user, "--no-new-privs", .. death, "--"];
    }

    // BusyBox has a setpriv too, without the options that are needed here.
    private static string? FindSetPriv()
    {
        if (!OperatingSystem.IsLinux() || FindSystemProgram("setpriv") is not { } setpriv)
            return null;
        using var help = Process.Start(new ProcessStartInfo(setpriv, ["--help"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        return help?.StandardOutput.ReadToEnd().Contains("--pdeathsig") == true ? setpriv : null;
    }

    private static string? FindSystemProgram(string name) =>
        SystemFolders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}

/// <summary>What a short program answered.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs to the end. A program that cannot be started answers 127, as a shell would say it.</summary>
    public static async Task<CommandResult> RunAsync(ProcessStartInfo start, TimeSpan limit, CancellationToken ct)
    {
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timed.CancelAfter(limit);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return new CommandResult(127, "", e.Message);
        }

        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(timed.Token);
            var errors = process.StandardError.ReadToEndAsync(timed.Token);
            await process.WaitForExitAsync(timed.Token);
            return new CommandResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return new CommandResult(124, "", $"no answer within {limit.TotalSeconds:0} s");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
