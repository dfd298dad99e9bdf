using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace Catalog.Cli.Demo;

/// <summary>How a classifier is trained. The same settings and rows make the same trees, whatever the machine.</summary>
internal sealed record TrainingSettings(int Trees, int Leaves, double LearningRate, int MinimumRowsPerLeaf, int Seed);

/// <summary>How well a classifier tells delayed flights from others on days it was not trained on.</summary>
/// <param name="LogLoss">In nats.</param>
/// <param name="MajorityAccuracy">What saying "on time" each time would reach.</param>
/// <param name="AucByTrees">With the first so many trees only.</param>
internal sealed record Measured(
    double Auc, double Accuracy, double LogLoss, double MajorityAccuracy, IReadOnlyList<(int Trees, double Auc)> AucByTrees);

/// <summary>
/// Says, as a flight leaves, whether it will count as delayed: gradient boosted trees (FastTree) over the time it left, its distance, and
/// how punctual both airports had been.
/// </summary>
internal static class DelayClassifier
{
    private const int FeatureCount = 15;
    private const int CurveStep = 10;

    /// <summary>Trains, saves the model, and measures it. Trees cannot be told to stop growing: when cancelled, they are not waited for.
    /// </summary>
    public static Task<Measured> TrainAsync(
        IReadOnlyList<Example> train, IReadOnlyList<Example> test, TrainingSettings settings, string modelFile, CancellationToken ct) =>
        Task.Run(() => Train(train, test, settings, modelFile), ct).WaitAsync(ct);

    private static Measured Train(
        IReadOnlyList<Example> train, IReadOnlyList<Example> test, TrainingSettings settings, string modelFile)
    {
        var ml = new MLContext(settings.Seed);
        var rows = ml.Data.LoadFromEnumerable(train);
        var model = ml.BinaryClassification.Trainers.FastTree(Options(settings)).Fit(rows);
        ml.Model.Save(model, rows.Schema, modelFile);

        var metrics = ml.BinaryClassification.Evaluate(model.Transform(ml.Data.LoadFromEnumerable(test)), nameof(Example.IsLate));
        return new Measured(
            metrics.AreaUnderRocCurve,
            metrics.Accuracy,
            metrics.LogLoss * Math.Log(2),
            test.Average(e => e.IsLate ? 0.0 : 1.0),
            LearningCurve.Of(Trees(model), test, CurveStep));
    }

    private static FastTreeBinaryTrainer.Options Options(TrainingSettings settings) => new()
    {
        LabelColumnName = nameof(Example.IsLate),
        FeatureColumnName = nameof(Example.Features),
        NumberOfTrees = settings.Trees,
        NumberOfLeaves = settings.Leaves,
        LearningRate = settings.LearningRate,
        MinimumExampleCountPerLeaf = settings.MinimumRowsPerLeaf,
        Seed = settings.Seed,
    };

    private static RegressionTreeEnsemble Trees(
        BinaryPredictionTransformer<CalibratedModelParametersBase<FastTreeBinaryModelParameters, PlattCalibrator>> model) =>
        model.Model.SubModel.TrainedTreeEnsemble;

    /// <summary>A flight as the trees see it: nothing here is only known once it has landed.</summary>
    internal sealed class Example
    {
        public bool IsLate { get; set; }

        [VectorType(FeatureCount)]
        public float[] Features { get; set; } = [];
    }
}
