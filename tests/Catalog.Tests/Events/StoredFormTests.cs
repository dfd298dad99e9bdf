using Catalog.Access;
using Catalog.Datasets;
using Catalog.Jobs;
using Xunit;

namespace Catalog.Tests.Events;

/// <summary>How single values are written in the log.</summary>
public sealed class StoredFormTests
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 24, 4, 22, 24, TimeSpan.Zero);

    [Theory]
    [InlineData(Compatibility.None, "none")]
    [InlineData(Compatibility.Backward, "backward")]
    public void Enums_are_words_in_camel_case(Compatibility mode, string word) =>
        Assert.Equal($$"""{"mode":"{{word}}"}""", StoredEvents.Write(new CompatibilityDeclared(mode)));

    [Fact]
    public void Roles_are_words() =>
        Assert.Contains(
            "\"role\":\"admin\"",
            StoredEvents.Write(new KeyIssued("id", "admin", Role.Admin, "", ExpiresAt: null)),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.PositiveInfinity, "\"Infinity\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "-0")]
    [InlineData(double.MaxValue, "1.7976931348623157E+308")]
    [InlineData(double.Epsilon, "5E-324")]
    public void Metrics_keep_every_value(double value, string written)
    {
        var fact = new RunMetricsLogged(Guid.CreateVersion7(), [new MetricPoint("loss", value, 3, s_time)]);
        var json = StoredEvents.Write(fact);

        Assert.Contains($"\"value\":{written},", json, StringComparison.Ordinal);
        Assert.Equal(value, Assert.IsType<RunMetricsLogged>(StoredEvents.Read(typeof(RunMetricsLogged), json)).Points[0].Value);
    }

    [Fact]
    public void Nodes_are_text() =>
        Assert.Equal(
            """{"node":"dataset:s3%3A%2F%2Flake/a b@3"}""",
            StoredEvents.Write(new RunOutputRecorded(NodeId.Dataset("s3://lake", "a b", 3))));

    [Fact]
    public void What_is_not_known_is_null_and_not_left_out() =>
        Assert.Contains(
            "\"expiresAt\":null",
            StoredEvents.Write(new KeyIssued("id", "admin", Role.Admin, "", ExpiresAt: null)),
            StringComparison.Ordinal);

    [Fact]
    public void Facts_without_members_are_empty_objects() => Assert.Equal("{}", StoredEvents.Write(new RunCompleted()));
}
