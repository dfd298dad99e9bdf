using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog run …</c>: executions of a job, for shell scripts; programs use the SDK.</summary>
internal static class RunCommand
{
    public static Command Create() => new Command("run", "Runs: executions of a job, with what they read, made and measured")
    {
        Start(),
        List(),
        Show(),
        Input(),
        Parameters(),
        Metric(),
        Metrics(),
        Tag("tag", "Adds a tag to a run", "tagged", (c, id, tag, ct) => c.TagAsync(id, tag, ct)),
        Tag("untag", "Takes a tag away", "untagged", (c, id, tag, ct) => c.UntagAsync(id, tag, ct)),
        End("complete", "Marks a run completed", "completed", needsReason: false, (c, id, _, ct) => c.CompleteAsync(id, ct)),
        End("fail", "Marks a run failed", "failed", needsReason: true, (c, id, reason, ct) => c.FailAsync(id, reason, ct)),
        End("abort", "Marks a run aborted", "aborted", needsReason: true, (c, id, reason, ct) => c.AbortAsync(id, reason, ct)),
    }.WithConnection();

    /// <summary>An id, alone or as <c>run:…</c>.</summary>
    /// <exception cref="UsageException">It is not one.</exception>
    public static Guid ReadId(string text) =>
        NodeArgument.TryRead(text, NodeKind.Run, out var node, out var error) ? ToId(node) : throw new UsageException(error);

    private static Guid ToId(NodeId run) =>
        Guid.TryParseExact(run.Name, "D", out var id)
            ? id
            : throw new UsageException($"'{run.Name}' is not the id of a run: ids are UUIDs.");

    private static QualifiedName ReadJob(string text) =>
        NodeArgument.TryRead(text, NodeKind.Job, out var node, out var error) ? QualifiedName.Of(node) : throw new UsageException(error);

    private static Guid Id(this Call call, NodeArgument run) => ToId(call.Required(run));

    private static Command Start()
    {
        var job = NodeArgument.Job();
        var id = new Option<Guid?>("--id") { Description = "A UUID; the same id again is the same run", HelpName = "uuid" };
        var revision = new Option<string?>("--code-revision") { Description = "Commit or version of the code" };
        var environment = new Option<string[]>("--env")
        {
            Description = "Where it runs, as key=value; may be given several times",
            HelpName = "key=value",
        };
        var parameters = new Option<string[]>("--param")
        {
            Description = "A parameter, as key=value; may be given several times",
            HelpName = "key=value",
        };
        var tags = new Option<string[]>("--tag") { Description = "A tag; may be given several times" };
        var parent = new Option<string?>("--parent") { Description = "Id of the run that this one is part of" };
        var command = new Command("start", "Starts a run and prints its node") { id, revision, environment, parameters, tags, parent };
        job.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var options = new RunOptions
            {
                Id = call.Value(id),
                CodeRevision = call.Value(revision),
                Environment = call.Value(environment) is { Length: > 0 } env ? KeyValues.Read(env) : null,
                Parameters = call.Value(parameters) is { Length: > 0 } p ? AsObjects(KeyValues.Read(p)) : null,
                Tags = call.Value(tags) is { Length: > 0 } t ? t : null,
                Parent = call.Value(parent) is { } text ? ReadId(text) : null,
            };
            var receipt = await call.Catalog.Runs.StartAsync(call.Name(job), options, ct);
            if (call.Screen.IsJson)
                call.Screen.Json(receipt);
            else
                call.Screen.Line(receipt.Node.ToString());
        });
    }

    private static Command List()
    {
        var job = new Option<string?>("--job") { Description = "Only runs of this job: namespace/name" };
        var state = SharedOptions.Choice<RunState>("--state", "Only runs in this state");
        var limit = SharedOptions.Limit();
        var newest = new Option<bool>("--newest") { Description = "Newest first; the list is read to its end for that" };
        return new Command("list", "Lists runs, oldest first") { job, state, newest, limit }.Does((call, ct) =>
        {
            var name = call.Value(job) is { } text ? ReadJob(text) : (QualifiedName?)null;
            var last = call.Value(newest);
            var pageSize = DatasetCommand.PageSize(last ? null : call.Value(limit));
            var runs = call.Catalog.Runs.ListAsync(new RunQuery(name, call.Value(state), pageSize), ct);
            return call.Screen.ListAsync(
                last ? NewestFirstAsync(runs, call.Value(limit), ct) : runs,
                call.Value(limit),
                ct,
                new("RUN", r => r.Node.ToString()),
                new("JOB", r => r.Job.ToString()),
                new("STATE", r => r.State.ToString().ToLowerInvariant()),
                new("STARTED", r => Plain.Time(r.StartedAt)),
                new("ENDED", r => Plain.Time(r.EndedAt)),
                new("BY", r => r.StartedBy));
        });
    }

    /// <summary>The end of a listing, backwards. No more than what is wanted of it is kept.</summary>
    private static async IAsyncEnumerable<Run> NewestFirstAsync(
        IAsyncEnumerable<Run> runs, int? limit, [EnumeratorCancellation] CancellationToken ct)
    {
        var kept = new Queue<Run>();
        await foreach (var run in runs.WithCancellation(ct))
        {
            kept.Enqueue(run);
            if (kept.Count > limit)
                kept.Dequeue();
        }

        foreach (var run in kept.Reverse())
            yield return run;
    }

    private static Command Show()
    {
        var run = NodeArgument.Run();
        var command = new Command("show", "Shows a run");
        run.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var r = await call.Catalog.Runs.GetAsync(call.Id(run), ct);
            call.Screen.Show(
                r,
                ("run", r.Node.ToString()),
                ("job", r.Job.ToString()),
                ("part of", r.Parent is { } parent ? NodeId.Run(parent).ToString() : null),
                ("state", r.State.ToString().ToLowerInvariant()),
                ("reason", r.Reason),
                ("code revision", r.CodeRevision),
                ("environment", Lines(r.Environment?.Select(e => $"{e.Key} = {e.Value}"))),
                ("parameters", Lines(r.Parameters?.Select(p => $"{p.Key} = {p.Value}"))),
                ("tags", string.Join(", ", r.Tags ?? [])),
                ("inputs", Lines(r.Inputs?.Select(Describe))),
                ("epochs", Lines(r.Epochs.SelectMany(Describe))),
                ("outputs", Lines(r.Outputs?.Select(o => o.ToString()))),
                ("metrics", Lines(r.Metrics?.Select(m => Describe(m.Key, m.Value)))),
                ("started", $"{Plain.Time(r.StartedAt)} by {r.StartedBy}"),
                ("ended", Plain.Time(r.EndedAt)));
        });
    }

    private static Command Input()
    {
        var run = NodeArgument.Run();
        var dataset = new Argument<string>("dataset") { Description = "namespace/name with @version or @alias (else latest)" };
        var role = new Option<string?>("--role") { Description = "What for: train, validation, test, …" };
        var command = new Command("input", "Records that a run reads a version, and prints its number") { dataset, role };
        run.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            if (!NodeArgument.TryRead(call.Required(dataset), NodeKind.Dataset, out var node, out var error))
                throw new UsageException(error);

            var version = node.Version is { } text ? new VersionRef(text) : VersionRef.Latest;
            var receipt = await call.Catalog.Runs.AddInputAsync(call.Id(run), QualifiedName.Of(node), version, call.Value(role), ct);
            if (call.Screen.IsJson)
                call.Screen.Json(receipt);
            else
                call.Screen.Line(receipt.Node.ToString());
        });
    }

    private static Command Parameters()
    {
        var run = NodeArgument.Run();
        var values = new Argument<string[]>("key=value") { Description = "One or more parameters", Arity = ArgumentArity.OneOrMore };
        var command = new Command("param", "Records parameters of a run") { values };
        run.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var parameters = AsObjects(KeyValues.Read(call.Required(values)));
            call.Screen.Receipt(await call.Catalog.Runs.LogParametersAsync(call.Id(run), parameters, ct), "recorded");
        });
    }

    private static Command Metric()
    {
        var run = NodeArgument.Run();
        var values = new Argument<string[]>("key=value") { Description = "One or more values: auc=0.71", Arity = ArgumentArity.OneOrMore };
        var step = new Option<long>("--step") { Description = "Step or epoch" };
        var command = new Command("metric", "Adds a point to metrics of a run") { values, step };
        run.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var points = KeyValues.Read(call.Required(values))
                .Select(p => new MetricPoint(p.Key, ToNumber(p.Value), call.Value(step)))
                .ToList();
            await call.Catalog.Runs.LogMetricsAsync(call.Id(run), points, ct);
            if (call.Screen.IsJson)
                call.Screen.Json(new { Node = call.Required(run), Points = points });
            else
                call.Screen.Line($"{call.Required(run)} recorded");
        });
    }

    private static Command Metrics()
    {
        var run = NodeArgument.Run();
        var key = new Option<string?>("--key") { Description = "Only this metric" };
        var limit = SharedOptions.Limit();
        var command = new Command("metrics", "Lists the points of a run's metrics") { key, limit };
        run.AddTo(command);
        return command.Does(async (call, ct) => await call.Screen.ListAsync(
            (await call.Catalog.Runs.MetricsAsync(call.Id(run), call.Value(key), ct)).ToAsyncEnumerable(),
            call.Value(limit),
            ct,
            new("METRIC", m => m.Key),
            new("STEP", m => m.Step.ToString(CultureInfo.InvariantCulture), Right: true),
            new("VALUE", m => Plain.Number(m.Value), Right: true),
            new("TIME", m => Plain.Time(m.Time))));
    }

    private static Command Tag(
        string verb, string description, string done, Func<RunClient, Guid, string, CancellationToken, Task<Receipt>> change)
    {
        var run = NodeArgument.Run();
        var tag = new Argument<string>("tag") { Description = "The tag" }.NotEmpty();
        var command = new Command(verb, description) { tag };
        run.AddTo(command);
        return command.Does(async (call, ct) =>
            call.Screen.Receipt(await change(call.Catalog.Runs, call.Id(run), call.Required(tag), ct), done));
    }

    private static Command End(
        string verb, string description, string done, bool needsReason, Func<RunClient, Guid, string, CancellationToken, Task<Receipt>> end)
    {
        var run = NodeArgument.Run();
        var reason = new Option<string?>("--reason") { Description = "Why", Required = true };
        var command = new Command(verb, description);
        if (needsReason)
            command.Options.Add(reason);

        run.AddTo(command);
        return command.Does(async (call, ct) =>
            call.Screen.Receipt(await end(call.Catalog.Runs, call.Id(run), call.Value(reason) ?? "", ct), done));
    }

    private static Dictionary<string, object> AsObjects(Dictionary<string, string> values) =>
        values.ToDictionary(p => p.Key, p => (object)p.Value, StringComparer.Ordinal);

    private static double ToNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new UsageException($"'{text}' is not a number.");

    private static IEnumerable<string> Describe(EpochsRead read) => read.Read.Select(r =>
        $"{read.Dataset}: epoch {string.Join(", ", r.Epochs.Select(Describe))}, shard {Describe(r.Shards)} of {read.Shards}"
        + (read.Seed is { } seed ? $", seed {seed}" : "") + (read.Filter is { } filter ? $", {filter}" : ""));

    private static string Describe(NumberRange range) => range.From == range.To ? $"{range.From}" : $"{range.From} to {range.To}";

    private static string Describe(RunInput input) =>
        input.Node
        + (input.Role is null ? "" : $"  {input.Role}")
        + (input.Requested is null || input.Requested == input.Node.Version ? "" : $"  (asked for {input.Requested})");

    private static string Describe(string key, MetricSummary metric) =>
        $"{key} = {Plain.Number(metric.Last)}{(metric.Count > 1 ? $"  ({Plain.Count(metric.Count)} points)" : "")}";

    private static string? Lines(IEnumerable<string>? lines) => lines is null ? null : string.Join('\n', lines);
}
