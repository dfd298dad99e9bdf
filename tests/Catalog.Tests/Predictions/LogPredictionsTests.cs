using System.Text.Json;
using Catalog.Predictions;
using Xunit;

namespace Catalog.Tests.Predictions;

/// <summary>What can be said of predictions by their shape.</summary>
public sealed class LogPredictionsTests
{
    private static readonly JsonElement s_output = JsonDocument.Parse("""{"late":true}""").RootElement;
    private static readonly LogPredictions.Prediction s_one =
        new("r-1", NodeId.Model("demo", "delay", 1), new Dictionary<string, JsonElement>(), s_output);

    [Fact]
    public void One_to_a_thousand_are_taken()
    {
        Assert.Empty(Wrong(s_one));
        Assert.Empty(Wrong([.. Enumerable.Repeat(s_one, 1_000)]));
        Assert.Equal(["Predictions"], Wrong());
        Assert.Equal(["Predictions"], Wrong([.. Enumerable.Repeat(s_one, 1_001)]));
    }

    [Fact]
    public void What_is_wrong_is_named_with_its_place()
    {
        Assert.Equal(["Predictions[1].RequestId"], Wrong(s_one, s_one with { RequestId = "" }));
        Assert.Equal(["Predictions[0].RequestId"], Wrong(s_one with { RequestId = "a\u0000b" }));
        Assert.Equal(["Predictions[0].Output"], Wrong(s_one with { Output = default }));
    }

    [Fact]
    public void A_receipt_has_the_row_that_it_is_of()
    {
        var view = new LogPredictions.ReceiptView(
            NodeId.FeatureView("demo", "delays", "1"), "memory", [DateTimeOffset.UnixEpoch, null], null, ["push", null]);

        Assert.Empty(Wrong(s_one with { Receipt = new([view], Row: 1) }));
        Assert.Equal(["Predictions[0].Receipt.views[0].eventTimes"], Wrong(s_one with { Receipt = new([view], Row: 2) }));
        Assert.Equal(["Predictions[0].Receipt.row"], Wrong(s_one with { Receipt = new([view], Row: -1) }));
        var shorter = view with { Origins = [null] };
        Assert.Equal(["Predictions[0].Receipt.views[1].origins"], Wrong(s_one with { Receipt = new([view, shorter], Row: 1) }));
    }

    private static IReadOnlyList<string> Wrong(params IReadOnlyList<LogPredictions.Prediction> predictions) =>
        [.. new LogPredictions.Validator().Validate(new LogPredictions.Command(predictions)).Errors.Select(e => e.PropertyName)];
}
