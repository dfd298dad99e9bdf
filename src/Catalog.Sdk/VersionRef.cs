using System.Globalization;

namespace Catalog.Sdk;

/// <summary>
/// Points to a version: its number, or an alias such as <c>latest</c> or <c>champion</c>. An alias is never all digits. The default value
/// is <c>latest</c>.
/// </summary>
public readonly record struct VersionRef
{
    /// <exception cref="FormatException">The text is empty.</exception>
    public VersionRef(string text) =>
        Text = text.Length > 0 ? text : throw new FormatException("A version is a number or an alias; for the newest say 'latest'.");

    public static VersionRef Latest => default;

    public string Text => field ?? "latest";

    /// <summary>The version that a node names; <c>latest</c> where it names none.</summary>
    public static VersionRef Of(NodeId node) => node.Version is { } version ? new(version) : Latest;

    /// <summary>The number, when it is one.</summary>
    public long? Number => long.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static implicit operator VersionRef(string text) => new(text);

    public static implicit operator VersionRef(long number) => new(number.ToString(CultureInfo.InvariantCulture));

    public override string ToString() => Text;
}
