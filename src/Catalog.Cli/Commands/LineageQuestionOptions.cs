using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Catalog.Lineage;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>What questions about lineage have in common. A command offers those that mean something to it.</summary>
internal sealed class LineageQuestionOptions
{
    private const string Times = "write 2027-01-31, or 2027-01-31T12:00Z";

    public Option<LineageGranularity?> Granularity { get; } =
        SharedOptions.Choice<LineageGranularity>("--granularity", "Along what (else version)");

    public Option<AsOf?> AsOf { get; } = Moment("--as-of", "As it was known then: a log position, or a time");

    public Option<DateTimeOffset?> At { get; } = Time("--at", "What held at that time (else what holds without an end in sight)");

    public Option<int?> Depth { get; } = new Option<int?>("--depth")
    {
        Description = $"Steps at most (else {LineageBounds.DefaultDepth})",
    }.Between(0, LineageBounds.MaxDepth);

    public Option<int?> Limit { get; } = new Option<int?>("--limit")
    {
        Description = $"Nodes at most (else {LineageBounds.DefaultLimit})",
    }.Between(1, LineageBounds.MaxLimit);

    public Option<NodeKind[]> Kinds { get; } = Kind();

    public Option<string[]> Namespaces { get; } =
        new("--namespace") { Description = "Show this namespace only; may be given several times" };

    public Option<string[]> Tags { get; } =
        new("--tag") { Description = "Show datasets and runs with this tag only; may be given several times" };

    /// <summary>A log position or a time.</summary>
    public static Option<AsOf?> Moment(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "position|time",
        CustomParser = result => Read(result) switch
        {
            var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) => new AsOf(position),
            var text when TryTime(text, out var time) => new AsOf(time),
            var text => Wrong<AsOf>(result, $"{name} must be a log position or a time, not '{text}': {Times}."),
        },
    };

    public static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result => TryTime(Read(result), out var time)
            ? time
            : Wrong<DateTimeOffset>(result, $"{name} must be a time, not '{Read(result)}': {Times}."),
    };

    /// <summary>What was given; what a command does not offer is not there.</summary>
    public LineageOptions Of(Call call) => new()
    {
        Granularity = call.Value(Granularity),
        AsOf = call.Value(AsOf),
        At = call.Value(At),
        Depth = call.Value(Depth),
        Limit = call.Value(Limit),
        Kinds = call.Value(Kinds) ?? [],
        Namespaces = call.Value(Namespaces) ?? [],
        Tags = call.Value(Tags) ?? [],
    };

    private static Option<NodeKind[]> Kind()
    {
        var option = new Option<NodeKind[]>("--kind")
        {
            Description = "Show nodes of this kind only; may be given several times",
            HelpName = "kind",
            CustomParser = result =>
            {
                if (result.Tokens.FirstOrDefault(t => NodeId.KindOf(t.Value) is null) is { } wrong)
                    result.AddError($"--kind must be one of {NodeId.KindList}, not '{wrong.Value}'.");
                return [.. result.Tokens.Select(t => NodeId.KindOf(t.Value)).OfType<NodeKind>()];
            },
        };
        option.CompletionSources.Add(NodeId.KindList.Split(", "));
        return option;
    }

    private static string Read(ArgumentResult result) => result.Tokens[0].Value;

    private static bool TryTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    private static T? Wrong<T>(ArgumentResult result, string why)
        where T : struct
    {
        result.AddError(why);
        return null;
    }
}
