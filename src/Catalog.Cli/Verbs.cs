using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Platform.Backups;
using Catalog.Sdk;
using Catalog.Server.Hosting;

namespace Catalog.Cli;

/// <summary>Gives commands their bodies, and turns what goes wrong in them into one sentence and an exit code.</summary>
internal static class Verbs
{
    public static Command Does(this Command command, Func<Call, CancellationToken, Task> body) => command.Answers(async (call, ct) =>
    {
        await body(call, ct);
        return ExitCodes.Done;
    });

    /// <summary>A body that picks its exit code.</summary>
    public static Command Answers(this Command command, Func<Call, CancellationToken, Task<int>> body)
    {
        command.SetAction((parsed, ct) => RunAsync(parsed, body, ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Func<Call, CancellationToken, Task<int>> body, CancellationToken ct)
    {
        var terminal = ((CliInvocation)parsed.InvocationConfiguration).Terminal;
        await using var call = new Call(parsed, terminal);
        try
        {
            return await body(call, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (UsageException e)
        {
            Say(terminal, e.Message, code: null);
            return ExitCodes.Usage;
        }
        catch (CatalogException e)
        {
            Say(terminal, call.Explain(e) ?? e.Detail, e.Code);
            var several = e.Errors.Sum(f => f.Value.Length) > 1;
            foreach (var (field, messages) in e.Errors.Where(_ => several))
                terminal.Error.WriteLine(Plain.Line($"  {field}: {string.Join(' ', messages)}"));
            return ExitCodes.Failed;
        }
        catch (HostingException e)
        {
            Say(terminal, e.Message, e.Code);
            return ExitCodes.Failed;
        }
        catch (BackupException e)
        {
            Say(terminal, e.Message, "backup.unusable");
            return ExitCodes.Failed;
        }
        catch (IOException e) when (IsBrokenPipe(e))
        {
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(terminal, e.Message, "client.file_unreadable");
            return ExitCodes.Failed;
        }
        catch (Exception e)
        {
            Say(terminal, $"This is a defect of the command, please report it: {e.Message.Split('\n')[0]}", "client.defect");
            terminal.Error.WriteLine(e);
            return ExitCodes.Failed;
        }
    }

    /// <summary>One sentence, then the code in parentheses.</summary>
    private static void Say(Terminal terminal, string sentence, string? code) =>
        terminal.Error.WriteLine($"catalog: {Plain.Line(sentence.TrimEnd('.', ' '))}{(code is null ? "" : $" ({code})")}");

    /// <summary>
    /// Whoever read our output has gone: enough was said. <c>EPIPE</c>, and on Windows <c>ERROR_BROKEN_PIPE</c> or <c>ERROR_NO_DATA</c>;
    /// 32 is a sharing violation there.
    /// </summary>
    private static bool IsBrokenPipe(IOException e) =>
        OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 109 or 232 : e.HResult == 32;
}
