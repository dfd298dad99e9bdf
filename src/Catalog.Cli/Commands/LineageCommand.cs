using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Lineage;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog lineage …</c>: what came from what, why, and what differs; now or as it was known then.</summary>
internal static class LineageCommand
{
    public static Command Create() => new Command("lineage", "What something was made from, and what was made from it")
    {
        Walk("up", "What it was made from, back to the files", LineageDirection.Up),
        Walk("down", "What was made from it", LineageDirection.Down),
        Walk("both", "What it is connected with, both ways at every step", LineageDirection.Both),
        Path(),
        Impact(),
        Diff(),
        Explain(),
        Show(),
    }.WithConnection();

    private static Command Walk(string verb, string description, LineageDirection direction)
    {
        var (node, options) = (NodeArgument.Any(), new LineageQuestionOptions());
        var format = SharedOptions.Choice<LineageFormat>("--format", "How it is written (else tree; json is what --json prints)");
        var command = new Command(verb, description)
        {
            node, options.Granularity, options.AsOf, options.At, options.Depth, options.Limit,
            options.Kinds, options.Namespaces, options.Tags, format,
        };
        return command.Does(async (call, ct) =>
        {
            var (lineage, from, asked) = (call.Catalog.Lineage, call.Required(node), options.Of(call));
            switch (call.Screen.IsJson, call.Value(format))
            {
                case (true, not (null or LineageFormat.Json)):
                    throw new UsageException("Give --json or another --format, and not both.");
                case (true, _) or (_, LineageFormat.Json):
                    call.Screen.Json(await lineage.TraceAsync(from, direction, asked, ct));
                    break;
                case (_, null or LineageFormat.Tree):
                    call.Screen.Render(LineageTree.Build(await lineage.TraceAsync(from, direction, asked, ct)));
                    break;
                case (_, { } written):
                    var export = await lineage.ExportAsync(from, direction, written, asked, ct);
                    call.Terminal.Out.Write(export.Text.EndsWith('\n') ? export.Text : export.Text + "\n");
                    if (export.Truncated)
                        call.Terminal.Error.WriteLine(
                            "catalog: this is not all there is: raise --depth or --limit, or ask for less at once.");
                    break;
            }
        });
    }

    private static Command Path()
    {
        var (from, to, options) = (NodeArgument.Any("from"), NodeArgument.Any("to"), new LineageQuestionOptions());
        var command = new Command("path", "A shortest way along which data flowed from one to the other")
        {
            from, to, options.Granularity, options.AsOf, options.At, options.Depth,
        };
        return command.Does(async (call, ct) => LineageAnswers.Path(
            call.Screen, await call.Catalog.Lineage.FindPathAsync(call.Required(from), call.Required(to), options.Of(call), ct)));
    }

    private static Command Impact()
    {
        var (node, options) = (NodeArgument.Any().Optional(), new LineageQuestionOptions());
        var tag = new Option<string?>("--tag") { Description = "In place of a node: all datasets and columns with this tag" };
        var command = new Command("impact", "What a dataset, version or column reaches, whom that belongs to, and why")
        {
            node, tag, options.AsOf, options.At, options.Depth, options.Limit,
        };
        return command.Does(async (call, ct) => LineageAnswers.Impact(call.Screen, await ((call.Given(node), call.Value(tag)) switch
        {
            ({ } begin, null) => call.Catalog.Lineage.ImpactAsync(begin, options.Of(call), ct),
            (null, { Length: > 0 } carried) => call.Catalog.Lineage.ImpactOfTagAsync(carried, options.Of(call), ct),
            _ => throw new UsageException("Give a node, such as dataset:demo/flights@1, or --tag, and not both."),
        })));
    }

    private static Command Diff()
    {
        var (one, other, options) = (NodeArgument.Any("one"), NodeArgument.Any("other").Optional(), new LineageQuestionOptions());
        var toAsOf = LineageQuestionOptions.Moment("--to-as-of", "What was known of the other then: a log position, or a time");
        var toAt = LineageQuestionOptions.Time("--to-at", "What held of the other at that time");
        var command = new Command("diff", "What differs upstream of two nodes, or of one at two times: versions, schemas, code, parameters")
        {
            one, other, options.AsOf, options.At, toAsOf, toAt, options.Depth,
        };
        return command.Does(async (call, ct) =>
        {
            var (from, to, then) = (call.Required(one), call.Given(other), (AsOf: call.Value(toAsOf), At: call.Value(toAt)));
            if (to is null && then is (null, null))
                throw new UsageException("Give two nodes, or one and --to-as-of or --to-at.");

            var question = options.Of(call);
            var times = (Words(question.AsOf, question.At), Words(then.AsOf ?? question.AsOf, then.At ?? question.At));
            LineageAnswers.Difference(
                call.Screen, await call.Catalog.Lineage.CompareAsync(from, to ?? from, question, then.AsOf, then.At, ct), times);
        });

        static string Words(AsOf? asOf, DateTimeOffset? at) =>
            (asOf, at) is (null, null) ? "now" : string.Join(", ", Parts(asOf, at));

        static IEnumerable<string> Parts(AsOf? asOf, DateTimeOffset? at)
        {
            if (asOf is { } known)
                yield return $"as of {known}";
            if (at is { } held)
                yield return $"at {held:O}";
        }
    }

    private static Command Explain()
    {
        var (from, to, options) = (NodeArgument.Any("from"), NodeArgument.Any("to"), new LineageQuestionOptions());
        var body = new Option<bool>("--body") { Description = "Show OpenLineage events as they were sent, too" };
        var limit = new Option<int?>("--limit")
        {
            Description = $"Facts at most, oldest first (else {LineageBounds.DefaultLimit})",
        }.Between(1, LineageBounds.MaxLimit);
        var command = new Command("explain", "Why data is said to have flowed from one to the other in one step: by whom, and when")
        {
            from, to, options.AsOf, limit, body,
        };
        return command.Does(async (call, ct) =>
        {
            var asked = options.Of(call) with { Limit = call.Value(limit) };
            var explanation = await call.Catalog.Lineage.ExplainAsync(
                call.Required(from), call.Required(to), asked, call.Value(body), ct);
            EdgeExplanation.Print(call.Screen, explanation);
            if (explanation.Truncated)
                call.Terminal.Error.WriteLine("catalog: more facts say so than these: raise --limit, or ask --as-of an earlier time.");
        });
    }

    private static Command Show()
    {
        var node = NodeArgument.Any();
        var command = new Command("show", "What OpenLineage events told of a run, job or dataset: states, times, and every facet")
        {
            node,
        };
        return command.Does(async (call, ct) => Report.Print(call.Screen, await call.Catalog.Lineage.ShowAsync(call.Required(node), ct)));
    }
}
