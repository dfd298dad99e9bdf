using Apache.Arrow;
using Catalog.Features.Training;
using Catalog.Sdk;

namespace Catalog.Cli.Demo;

/// <summary>The training set: every flight with what was known of both airports as it left; the last week is kept for the test.</summary>
internal static class TrainingRows
{
    public const string Train = "train";
    public const string Test = "test";
    public const int TestDays = 7;
    public static readonly QualifiedName Name = "demo/flight-delay-rows";

    /// <param name="flights">The version whose flights are learned from.</param>
    /// <param name="landings">The version that their features come from.</param>
    /// <param name="testFrom">Midnight, local time.</param>
    public static TrainingSetSpec Spec(NodeId flights, NodeId landings, DateTime testFrom, string owner) => new(
        new(flights, "date"),
        [
            new(View(AirportViews.Origin), As: "origin", Keys: Key("origin"), Source: landings),
            new(View(AirportViews.Destination), As: "destination", Keys: Key("destination"), Source: landings),
        ],
        Splits: new SplitRule(SplitBy.Time, [new(Train, Until: new DateTimeOffset(testFrom, TimeSpan.Zero)), new(Test)]),
        Owner: owner,
        Documentation: "Flights, each with how punctual its airports had been as it left.");

    /// <summary>Reads a part as Arrow batches, in the order of the version.</summary>
    public static async Task<IReadOnlyList<DelayClassifier.Example>> ReadAsync(VersionReader set, string part, CancellationToken ct)
    {
        var query = new ColumnQuery
        {
            Columns = ["date", "delay", "distance", .. AirportViews.Columns],
            Filter = $"{SplitRule.Column} = '{part}'",
        };
        var examples = new List<DelayClassifier.Example>();
        await using var columns = await set.OpenColumnsAsync(query, ct);
        await foreach (var batch in columns.BatchesAsync(ct))
        {
            using (batch)
                examples.AddRange(Examples(batch));
        }

        return examples;
    }

    private static IEnumerable<DelayClassifier.Example> Examples(RecordBatch batch)
    {
        var date = (TimestampArray)batch.Column("date");
        var delay = (Int32Array)batch.Column("delay");
        var distance = (Int32Array)batch.Column("distance");
        var features = AirportViews.Columns.Select(c => batch.Column(c)).ToArray();
        for (var i = 0; i < batch.Length; i++)
        {
            var left = date.GetTimestamp(i) ?? default;
            var row = i;
            yield return new()
            {
                IsLate = delay.GetValue(i) > Flight.LateAfterMinutes,
                Features =
                [
                    (float)left.TimeOfDay.TotalMinutes, (float)left.DayOfWeek, distance.GetValue(i) ?? 0,
                    .. features.Select(f => Number(f, row)),
                ],
            };
        }
    }

    /// <summary>Where nothing was known, there is no number; trees take that for what it is.</summary>
    private static float Number(IArrowArray array, int row) => array switch
    {
        DoubleArray doubles => (float?)doubles.GetValue(row) ?? float.NaN,
        Int64Array counts => counts.GetValue(row) ?? float.NaN,
        _ => throw new NotSupportedException($"A feature of the demo is no {array.Data.DataType.Name}."),
    };

    private static NodeId View(QualifiedName name) => NodeId.FeatureView(name.Namespace, name.Name);

    private static Dictionary<string, string> Key(string column) => new(StringComparer.Ordinal) { ["airport"] = column };
}
