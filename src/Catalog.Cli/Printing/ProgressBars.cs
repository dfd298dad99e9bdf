using System.Collections.Concurrent;
using Catalog.Sdk;
using Spectre.Console;

namespace Catalog.Cli.Printing;

/// <summary>One bar a stage of the work, on standard error.</summary>
internal static class ProgressBars
{
    public static Task<T> RunAsync<T>(TextWriter error, Func<IProgress<WorkProgress>, Task<T>> work)
    {
        return Progress(error)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(context => work(new Bars(context)));
    }

    /// <summary>A bar without an end, and how much there is so far.</summary>
    public static Task<T> CountAsync<T>(TextWriter error, string title, Func<IProgress<long>, Task<T>> work) =>
        Progress(error)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new ElapsedTimeColumn())
            .StartAsync(context => work(new Counted(context.AddTask(Markup.Escape(title)).IsIndeterminate(), title)));

    private static Progress Progress(TextWriter error) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) }).Progress().AutoClear(true);

    private sealed class Counted(ProgressTask task, string title) : IProgress<long>
    {
        public void Report(long value) => task.Description = Markup.Escape($"{title} {Plain.Bytes(value)}");
    }

    /// <summary>Called from many threads at once.</summary>
    private sealed class Bars(ProgressContext context) : IProgress<WorkProgress>
    {
        private readonly ConcurrentDictionary<WorkStage, Lazy<ProgressTask>> _tasks = new();

        public void Report(WorkProgress p)
        {
            var task = _tasks.GetOrAdd(
                p.Stage, stage => new Lazy<ProgressTask>(() => context.AddTask(stage.ToString(), maxValue: 1))).Value;
            var (done, total) = p.TotalBytes is > 0 ? (p.Bytes, p.TotalBytes.Value) : (p.Files, p.TotalFiles ?? 0);
            task.IsIndeterminate = total == 0;
            task.MaxValue = Math.Max(total, 1);
            task.Value = done;
            task.Description = Markup.Escape(Describe(p));
        }

        private static string Describe(WorkProgress p) => p.TotalFiles switch
        {
            _ when p.Rows is { } rows => $"{p.Step ?? p.Stage.ToString()} {Plain.Count(rows)} rows",
            0 => p.Stage.ToString(),
            { } all => $"{p.Stage} {Plain.Count(p.Files)}/{Plain.Count(all)} files, {Plain.Bytes(p.Bytes)}",
            null => $"{p.Stage} {Plain.Count(p.Files)} files, {Plain.Bytes(p.Bytes)}",
        };
    }
}
