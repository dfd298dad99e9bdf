using Catalog.Features;
using Catalog.Schemas;
using Xunit;
using static Catalog.Tests.Features.Definitions;

namespace Catalog.Tests.Features;

public sealed class SourceFitTests
{
    private static readonly TableSchema s_flights = new(
    [
        new("origin", "string", Nullable: true), new("landed", "timestamp(us)", Nullable: true), new("created", "date", Nullable: true),
        new("delay", "float32", Nullable: true), new("taxi", "int16", Nullable: true), new("total", "uint32", Nullable: true),
        new("fare", "decimal(18,2)", Nullable: true), FeatureType.ColumnOf("image", "embedding(3)"),
        FeatureType.ColumnOf("stops", "list(int32)"),
    ]);

    [Theory]
    [InlineData("int16", "taxi")]
    [InlineData("int64", "taxi")]
    [InlineData("int64", "total")]
    [InlineData("float64", "delay")]
    [InlineData("float64", "taxi")]
    [InlineData("decimal(18,2)", "fare")]
    [InlineData("embedding(3)", "image")]
    [InlineData("list(float64)", "image")]
    [InlineData("list(int64)", "stops")]
    public void A_column_holds_values_of_its_type_and_of_wider_numbers(string type, string column) =>
        Assert.Empty(SourceFit.Check(Plain.WithFeatures(new Feature("f", type, column)), s_flights));

    [Theory]
    [InlineData("int8", "taxi", "is int8, and the column 'taxi' is int16.")]
    [InlineData("string", "taxi", "is string, and the column 'taxi' is int16.")]
    [InlineData("uint16", "taxi", "is uint16")]
    [InlineData("decimal(20,2)", "fare", "is decimal(20,2)")]
    [InlineData("embedding(3)", "stops", "the column 'stops' is list(int32).")]
    [InlineData("list(string)", "stops", "the column 'stops' is list(int32).")]
    [InlineData("int32", "stops", "the column 'stops' is list(int32).")]
    [InlineData("list(int16)", "taxi", "the column 'taxi' is int16.")]
    public void What_does_not_fit_is_told_with_both_types(string type, string column, string says)
    {
        var fault = Assert.Single(SourceFit.Check(Plain.WithFeatures(new Feature("f", type, column)), s_flights));

        Assert.Equal("features[0].type", fault.Field);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AggregateFunction.Sum, "int64", "taxi", null)]
    [InlineData(AggregateFunction.Sum, "float64", "delay", null)]
    [InlineData(AggregateFunction.Sum, "float64", "taxi", "whole numbers sum to int64")]
    [InlineData(AggregateFunction.Sum, "int64", "delay", "floating-point numbers sum to float64")]
    [InlineData(AggregateFunction.Sum, "float64", "fare", "only floating-point numbers and whole ones within int64 are summed")]
    [InlineData(AggregateFunction.Mean, "float64", "taxi", null)]
    [InlineData(AggregateFunction.Mean, "float64", "origin", "only floating-point numbers and whole ones within int64 are summed")]
    [InlineData(AggregateFunction.Count, "int64", "image", null)]
    [InlineData(AggregateFunction.Max, "int64", "taxi", null)]
    [InlineData(AggregateFunction.Last, "string", "taxi", "is string, as the last")]
    public void An_aggregation_fits_its_column(AggregateFunction function, string type, string column, string? says)
    {
        var faults = SourceFit.Check(Delays.WithFeatures(new Feature("f", type, column, Over(function, 1))), s_flights);

        Assert.Equal(says is null, faults.Count == 0);
        Assert.All(faults, f => Assert.Contains(says ?? "", f.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Keys_and_times_are_columns_of_the_source_too()
    {
        var definition = Plain.WithKey(new("airport", "int64", "origin")) with
        {
            Source = Plain.Source with { EventTime = "taxi", CreatedTime = "no" },
        };

        var faults = SourceFit.Check(definition.WithFeatures(new Feature("f", "int64", "taxi")), s_flights);

        Assert.Equal(["entities[0].keys[0].type", "source.eventTime", "source.createdTime"], faults.Select(f => f.Field));
        Assert.Contains("which has no 'no'; it has origin, landed", faults[2].Message, StringComparison.Ordinal);
    }
}
