using System.Text;
using Catalog.Integrity;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// Words of the client's own that go into the fact: bounded, and fit for any database. A word that is neither is cut and marked with its
/// hash, so that different words stay different; the whole of it is in the raw body.
/// </summary>
internal static class Label
{
    public const int MaxLength = 512;
    private const int HashDigits = 16;

    public static string Of(string text) => text.Length <= MaxLength && Names.CheckCharacters(text) is null ? text : Cut(text);

    private static string Cut(string text)
    {
        var kept = new StringBuilder(MaxLength);
        foreach (var rune in text.EnumerateRunes())
        {
            if (kept.Length + rune.Utf16SequenceLength > MaxLength - HashDigits - 1)
            {
                break;
            }

            kept.Append(Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 or 0xFFFD ? " " : rune.ToString());
        }

        return kept.Append('…').Append(Sha256.Hash(Encoding.Unicode.GetBytes(text)).AsSpan(0, HashDigits)).ToString();
    }
}
