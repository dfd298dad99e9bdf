using Microsoft.ML.Trainers.FastTree;

namespace Catalog.Cli.Demo;

/// <summary>How the area under the ROC curve grows with the number of trees: the sum over the first trees is itself a classifier.</summary>
internal static class LearningCurve
{
    public static IReadOnlyList<(int Trees, double Auc)> Of(
        RegressionTreeEnsemble ensemble, IReadOnlyList<DelayClassifier.Example> examples, int step)
    {
        var isLate = examples.Select(e => e.IsLate).ToArray();
        var scores = new double[examples.Count];
        var curve = new List<(int Trees, double Auc)>();
        for (var t = 0; t < ensemble.Trees.Count; t++)
        {
            var (tree, weight) = (ensemble.Trees[t], ensemble.TreeWeights[t]);
            for (var i = 0; i < scores.Length; i++)
                scores[i] += weight * Leaf(tree, examples[i].Features);
            if ((t + 1) % step == 0 || t + 1 == ensemble.Trees.Count)
                curve.Add((t + 1, Auc(scores, isLate)));
        }

        return curve;
    }

    /// <summary>The chance that a positive scores above a negative, ties counting half (Mann–Whitney); NaN without both.</summary>
    public static double Auc(IReadOnlyList<double> scores, IReadOnlyList<bool> isPositive)
    {
        var order = Enumerable.Range(0, scores.Count).OrderBy(i => scores[i]).ToArray();
        double rankSum = 0, positives = 0;
        for (int from = 0, to; from < order.Length; from = to)
        {
            var tied = 0;
            for (to = from; to < order.Length && scores[order[to]].Equals(scores[order[from]]); to++)
                tied += isPositive[order[to]] ? 1 : 0;
            rankSum += tied * ((from + 1 + to) / 2.0);
            positives += tied;
        }

        return (rankSum - (positives * (positives + 1) / 2)) / (positives * (scores.Count - positives));
    }

    private static double Leaf(RegressionTree tree, float[] features)
    {
        var node = 0;
        while (node >= 0)
        {
            // What is not known goes where trees were taught to send it: with the greater ones.
            var isBelow = features[tree.NumericalSplitFeatureIndexes[node]] <= tree.NumericalSplitThresholds[node];
            node = isBelow ? tree.LeftChild[node] : tree.RightChild[node];
        }

        return tree.LeafValues[~node];
    }
}
