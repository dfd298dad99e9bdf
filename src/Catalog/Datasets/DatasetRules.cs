using System.Diagnostics.CodeAnalysis;

namespace Catalog.Datasets;

/// <summary>What holds for every write to a dataset.</summary>
internal static class DatasetRules
{
    /// <summary>Whether the dataset is there and takes changes; if not, <paramref name="refusal"/> says why.</summary>
    public static bool Writable([NotNullWhen(true)] Dataset? state, NodeId node, [NotNullWhen(false)] out Decision.Refused? refusal)
    {
        refusal = state switch
        {
            null => new Decision.Refused("dataset.not_found", $"There is no '{node}'."),
            { Retired: true } => new Decision.Refused("dataset.retired", $"'{node}' was retired and takes no more changes."),
            _ => null,
        };
        return refusal is null;
    }
}
