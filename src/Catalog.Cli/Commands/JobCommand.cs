using System.CommandLine;
using Catalog.Cli.Printing;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog job …</c>: the named things that run.</summary>
internal static class JobCommand
{
    public static Command Create() => new Command("job", "Jobs: the named things that run") { List(), Show() }.WithConnection();

    private static Command List()
    {
        var ns = new Option<string?>("--namespace") { Description = "Only this namespace" };
        var limit = SharedOptions.Limit();
        return new Command("list", "Lists jobs") { ns, limit }.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Jobs.ListAsync(call.Value(ns), DatasetCommand.PageSize(call.Value(limit)), ct),
            call.Value(limit),
            ct,
            new("JOB", j => j.Node.ToString()),
            new("FIRST SEEN", j => Plain.Time(j.FirstSeenAt))));
    }

    private static Command Show()
    {
        var job = NodeArgument.Job();
        var command = new Command("show", "Shows a job");
        job.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var j = await call.Catalog.Jobs.GetAsync(call.Name(job), ct);
            call.Screen.Show(j, ("job", j.Node.ToString()), ("first seen", Plain.Time(j.FirstSeenAt)));
        });
    }
}
