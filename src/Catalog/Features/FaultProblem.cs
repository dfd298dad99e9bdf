using Catalog.Platform;

namespace Catalog.Features;

/// <summary>What is wrong with definitions, as a problem.</summary>
internal static class FaultProblem
{
    /// <summary>All faults of all things at once, by field; the first is the sentence. Null where there are none.</summary>
    /// <param name="code">Of the problem.</param>
    /// <param name="field">What the things are a list of in the request: <c>views</c>.</param>
    /// <param name="things">Each thing, in its order, with its faults.</param>
    public static Problem? Of(string code, string field, IEnumerable<(NodeId Node, IReadOnlyList<FeatureFault> Faults)> things)
    {
        var faults = things.SelectMany((thing, i) => thing.Faults.Select(fault => (thing.Node, Index: i, Fault: fault))).ToList();
        return faults is not [var first, ..] ? null
            : new Problem(
                ProblemCodes.KindOf(code),
                code,
                $"'{first.Node}': {first.Fault.Field} {first.Fault.Message}",
                faults.GroupBy(f => $"{field}[{f.Index}].definition.{f.Fault.Field}", f => f.Fault.Message, StringComparer.Ordinal)
                    .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal));
    }
}
