using System.Diagnostics.CodeAnalysis;

namespace Catalog.Access;

/// <summary>What data is wanted for, as the caller declares it.</summary>
public enum Purpose
{
    Training,
    Evaluation,
    Inference,
    Analytics,
    Audit,
}

/// <summary>How purposes are written: in lower case, read in any case.</summary>
public static class Purposes
{
    public const string List = "training, evaluation, inference, analytics, audit";

    public static string Write(Purpose purpose) => purpose switch
    {
        Purpose.Training => "training",
        Purpose.Evaluation => "evaluation",
        Purpose.Inference => "inference",
        Purpose.Analytics => "analytics",
        Purpose.Audit => "audit",
        _ => throw new ArgumentOutOfRangeException(nameof(purpose), purpose, $"The purposes are {List}."),
    };

    public static bool TryParse([NotNullWhen(true)] string? text, out Purpose purpose)
    {
        foreach (var candidate in Enum.GetValues<Purpose>())
        {
            if (string.Equals(text, Write(candidate), StringComparison.OrdinalIgnoreCase))
            {
                purpose = candidate;
                return true;
            }
        }

        purpose = default;
        return false;
    }
}
