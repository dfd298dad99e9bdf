using System.Globalization;

namespace Catalog.Sdk;

/// <summary>
/// Points to a version: its number, or an alias such as <c>latest</c> or <c>champion</c>. An alias is never all digits. The default value
/// is <c>latest</c>.
/// </summary>
public readonly record struct VersionRef
{
    public VersionRef(string text) => Text = text;

    public static VersionRef Latest => default;

    public string Text => field ?? "latest";

    /// <summary>The number, when it is one.</summary>
    public long? Number => long.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static implicit operator VersionRef(string text) => new(text);

    public static implicit operator VersionRef(long number) => new(number.ToString(CultureInfo.InvariantCulture));

    public override string ToString() => Text;
}
