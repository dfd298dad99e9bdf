using Catalog.Datasets;
using Catalog.Models;
using Catalog.Predictions;
using Xunit;

namespace Catalog.Tests.Predictions;

public sealed class PredictionLogTests
{
    private static readonly ModelRegistered s_registered = new("demo", "delay", "team-data", "");
    private static readonly DeclarePredictionLog.Command s_on = new("demo", "delay", 200);
    private static readonly DeclarePredictionLog.Command s_off = new("demo", "delay", RetentionDays: null);
    private static readonly DatasetRegistered s_dataset = new(
        "demo", "delay.predictions", "team-data",
        "What was decided with 'model:demo/delay', as inference services handed it back.", ["predictions"]);

    [Fact]
    public void Predictions_are_kept_from_the_moment_that_it_is_said_in_a_dataset_of_the_models_owner()
    {
        Scenario.Given<Model>(s_registered)
            .When(m => DeclarePredictionLog.Decide(m, dataset: null, s_on)).Then(new ModelPredictionLogSwitchedOn(200), s_dataset);

        var dataset = Scenario.Fold<Dataset>(s_dataset);
        Scenario.Given<Model>(s_registered, new ModelPredictionLogSwitchedOn(200))
            .When(m => DeclarePredictionLog.Decide(m, dataset, s_on)).ThenUnchanged()
            .When(m => DeclarePredictionLog.Decide(m, dataset, s_on with { RetentionDays = 400 }))
            .Then(new ModelPredictionLogSwitchedOn(400))
            .When(m => DeclarePredictionLog.Decide(m, dataset, s_off)).Then(new ModelPredictionLogSwitchedOff(400))
            .When(m => DeclarePredictionLog.Decide(m, dataset, s_off)).ThenUnchanged()
            .When(m => DeclarePredictionLog.Decide(m, dataset, s_on)).Then(new ModelPredictionLogSwitchedOn(200));
    }

    [Fact]
    public void What_cannot_keep_them_says_why()
    {
        var others = Scenario.Fold<Dataset>(s_dataset);
        var retired = Scenario.Fold<Dataset>(s_dataset, new DatasetRetired("Old."));

        Scenario.Given<Model>().When(m => DeclarePredictionLog.Decide(m, null, s_on)).ThenRefused("model.not_found");
        Scenario.Given<Model>(s_registered)
            .When(m => DeclarePredictionLog.Decide(m, others, s_on)).ThenRefused("dataset.exists");
        Scenario.Given<Model>(s_registered, new ModelPredictionLogSwitchedOn(200), new ModelPredictionLogSwitchedOff(200))
            .When(m => DeclarePredictionLog.Decide(m, retired, s_on)).ThenRefused("dataset.retired");
        Scenario.Given<Model>(s_registered, new ModelRetired("Old."))
            .When(m => DeclarePredictionLog.Decide(m, null, s_on)).ThenRefused("model.retired");
    }

    [Theory]
    [InlineData(182, false)]
    [InlineData(183, true)]
    [InlineData(36_525, true)]
    [InlineData(36_526, false)]
    [InlineData(null, true)]
    public void Half_a_year_is_the_least(int? days, bool valid) =>
        Assert.Equal(valid, new DeclarePredictionLog.Validator().Validate(s_on with { RetentionDays = days }).IsValid);

    [Fact]
    public void The_name_of_the_dataset_has_to_be_one_too()
    {
        var longest = new string('n', Names.MaxLength - ".predictions".Length);

        Assert.True(new DeclarePredictionLog.Validator().Validate(s_on with { Name = longest }).IsValid);
        var wrong = new DeclarePredictionLog.Validator().Validate(s_on with { Name = longest + "n" }).Errors;
        Assert.Contains(wrong, e => e.PropertyName == "Name");
    }

    [Fact]
    public void Files_are_called_after_their_day_and_version()
    {
        Assert.Equal("2026-11-26/0000000007.parquet", SealPredictions.PathOf(new DateOnly(2026, 11, 26), 7));
        Assert.Equal((new DateOnly(2026, 11, 26), 7), SealPredictions.Parse("2026-11-26/0000000007.parquet"));
        string[] others = ["part-0.parquet", "2026-11-26/.parquet", "2026-11-26/x.parquet", "2026-13-26/1.parquet", "2026-11-26/1"];
        Assert.All(others, other => Assert.Null(SealPredictions.Parse(other)));
    }
}
