using System.Globalization;
using System.Text.RegularExpressions;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Times as Marquez's clients write them in the query: ISO 8601, in UTC where no offset is given.</summary>
internal static partial class MarquezTime
{
    public static bool TryRead(string text, out DateTimeOffset time) => DateTimeOffset.TryParse(
        LostPlus().Replace(text, "+"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
        out time);

    /// <summary>The plus sign of an offset, behind a time of day, reads as a space where it was not encoded.</summary>
    [GeneratedRegex(@"(?<=\d:\d\d(:\d\d([.,]\d+)?)?) (?=\d\d:?\d\d$)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LostPlus();
}
