using Catalog.Jobs;
using Xunit;

namespace Catalog.Tests.Jobs;

public sealed class RunShapeTests
{
    private static readonly StartRun.Validator s_start = new();

    [Theory]
    [MemberData(nameof(Shapes.GoodNames), MemberType = typeof(Shapes))]
    public void Jobs_may_be_called_so(string name) => s_start.Fits(new(new(name, name)));

    [Theory]
    [MemberData(nameof(Shapes.BadNames), MemberType = typeof(Shapes))]
    public void Jobs_may_not_be_called_so(string name)
    {
        s_start.Flags(new(new(name, "x")), "Job.Namespace");
        s_start.Flags(new(new("x", name)), "Job.Name");
    }

    [Fact]
    public void A_run_has_an_id_or_none() => s_start.Flags(new(new("a", "b"), Guid.Empty), "Id");

    [Theory]
    [InlineData("learning_rate")]
    [InlineData("model.layers[0] 🧠")]
    [InlineData("a/b:c@d#e%")]
    public void Parameters_may_be_called_so(string key) => Log("", (key, "1"));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    [InlineData("a\tb")]
    [InlineData("a\u0085b")]
    public void Parameters_may_not_be_called_so(string key) => Log($"Values.{key}", (key, "1"));

    [Fact]
    public void A_parameters_name_has_an_end()
    {
        Log("", (new string('k', 250), "1"));
        Log($"Values.{new string('k', 40)}…", (new string('k', 251), "1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("emoji 🛫 are fine\r\nand so are lines\tand tabs \u001b[0m")]
    public void Parameters_may_say_so(string value) => Log("", ("key", value));

    [Fact]
    public void A_parameters_value_has_an_end_and_no_NUL()
    {
        Log("", ("key", new string('x', 8_000)));
        Log("Values.key", ("key", new string('x', 8_001)));
        Log("Values.key", ("key", new string('x', 10_000)));
        Log("Values.key", ("key", "a\0b"));
    }

    [Fact]
    public void There_are_a_thousand_parameters_at_most_and_one_at_least()
    {
        Log("", [.. Enumerable.Range(0, 1_000).Select(n => ($"{n}", ""))]);
        Log("Values", [.. Enumerable.Range(0, 1_001).Select(n => ($"{n}", ""))]);
        Log("Values");
    }

    [Fact]
    public void The_start_of_a_run_holds_to_the_same()
    {
        var wrong = new Dictionary<string, string>(StringComparer.Ordinal) { ["a\0"] = "" };

        s_start.Flags(new(new("a", "b"), Parameters: wrong), "Parameters.a\0");
        s_start.Flags(new(new("a", "b"), Environment: wrong), "Environment.a\0");
        s_start.Flags(new(new("a", "b"), CodeRevision: "x\0"), "CodeRevision");
        s_start.Flags(new(new("a", "b"), Tags: ["ok", "no\n"]), "Tags");
        s_start.Flags(new(new("a", "b"), Tags: [.. Enumerable.Range(0, 101).Select(n => $"{n}")]), "Tags");
    }

    [Theory]
    [InlineData("loss", 0, "")]
    [InlineData("val/loss 🎯", 9_223_372_036_854_775_807, "")]
    [InlineData("", 0, "Points[0].Key")]
    [InlineData("a\nb", 0, "Points[0].Key")]
    [InlineData("loss", -1, "Points[0].Step")]
    public void A_point_has_a_name_and_a_step(string key, long step, string wrong) =>
        Points(wrong, new LogMetrics.Point(key, double.NaN, step));

    [Fact]
    public void A_batch_holds_one_to_ten_thousand_points()
    {
        Points("Points");
        Points("", [.. Enumerable.Repeat(new LogMetrics.Point("loss", 1), 10_000)]);
        Points("Points", [.. Enumerable.Repeat(new LogMetrics.Point("loss", 1), 10_001)]);
    }

    [Theory]
    [InlineData("dataset:demo/flights", "")]
    [InlineData("dataset:demo/flights@latest", "")]
    [InlineData("dataset:demo/flights@3", "")]
    [InlineData("dataset:demo/flights@3#delay", "Dataset")]
    [InlineData("model:demo/flight-delay@1", "Dataset")]
    [InlineData("run:1", "Dataset")]
    public void An_input_is_a_dataset(string node, string wrong) =>
        Says(new RecordInput.Validator(), new(Guid.Empty, NodeId.Parse(node), "train"), wrong);

    [Fact]
    public void An_input_is_not_nothing() => Says(new RecordInput.Validator(), new(Guid.Empty, default, Role: null), "Dataset");

    [Theory]
    [InlineData(null, "")]
    [InlineData("validation", "")]
    [InlineData("", "Role")]
    [InlineData("a\nb", "Role")]
    public void A_role_is_a_name(string? role, string wrong) =>
        Says(new RecordInput.Validator(), new(Guid.Empty, NodeId.Dataset("a", "b"), role), wrong);

    [Theory]
    [InlineData(RunState.Completed, null, "")]
    [InlineData(RunState.Failed, "Out of memory\nat line 1", "")]
    [InlineData(RunState.Failed, "", "Reason")]
    [InlineData(RunState.Aborted, " ", "Reason")]
    [InlineData(RunState.Aborted, "a\0", "Reason")]
    public void Only_a_good_end_needs_no_reason(RunState end, string? reason, string wrong) =>
        Says(new EndRun.Validator(), new(Guid.Empty, end, reason), wrong);

    [Theory]
    [MemberData(nameof(Shapes.BadNames), MemberType = typeof(Shapes))]
    public void A_tag_is_a_name(string tag) => new TagRun.Validator().Flags(new(Guid.Empty, tag, Present: true), "Tag");

    private static void Log(string wrong, params (string Key, string Value)[] values) =>
        Says(new LogParameters.Validator(), new(Guid.Empty, values.ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal)), wrong);

    private static void Points(string wrong, params LogMetrics.Point[] points) =>
        Says(new LogMetrics.Validator(), new(Guid.Empty, Guid.CreateVersion7(), points), wrong);

    private static void Says<T>(FluentValidation.IValidator<T> validator, T command, string wrong)
    {
        if (wrong.Length == 0)
            validator.Fits(command);
        else
            validator.Flags(command, wrong);
    }
}
