using System.Text.Json;

namespace Catalog.Access;

/// <summary>How acts are written: in lower case with hyphens (<c>read-data</c>), read in any case.</summary>
public static class Acts
{
    private static readonly string[] s_words =
        [.. Enum.GetValues<Act>().Select(a => JsonNamingPolicy.KebabCaseLower.ConvertName(a.ToString()))];

    public static string List { get; } = string.Join(", ", s_words);

    /// <summary>
    /// What no statement forbids or makes wait: who may set right what policies say must not be kept from it by what they say.
    /// </summary>
    public static IReadOnlySet<Act> OfGovernors { get; } = new HashSet<Act> { Act.Govern, Act.ManageKeys, Act.Backup };

    public static string Write(Act act) =>
        Enum.IsDefined(act) ? s_words[(int)act] : throw new ArgumentOutOfRangeException(nameof(act), act, $"The acts are {List}.");

    /// <summary>The act that a word stands for; null when it is none.</summary>
    public static Act? Read(string? word) =>
        Array.FindIndex(s_words, w => string.Equals(w, word, StringComparison.OrdinalIgnoreCase)) is var place and >= 0
            ? (Act)place
            : null;
}
