using System.Globalization;
using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>Other people's text, made safe to print, and numbers for people.</summary>
internal static class Plain
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>One line: what would move a cursor, colour a terminal or end the line is shown as <c>\u001B</c>.</summary>
    public static string Line(string? text) => SafeText.Line(text);

    /// <summary>The same, but lines stay lines.</summary>
    public static string Text(string? text) => SafeText.Lines(text);

    public static string Bytes(long? bytes)
    {
        if (bytes is not { } size)
            return "";

        var unit = 0;
        var value = (double)size;
        for (; value >= 1000 && unit < Units.Length - 1; unit++)
            value /= 1000;

        return unit == 0 ? $"{size} B" : $"{value.ToString("0.0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    public static string Count(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    public static string Files(long count) => count == 1 ? "1 file" : $"{Count(count)} files";

    /// <summary>What was found wrong with a file of a version, in words, with its code.</summary>
    public static string Problem(string code) => code switch
    {
        "file.not_found" => $"its bytes are missing ({code})",
        "file.changed" => $"it is not what was committed ({code})",
        "file.unreadable" => $"it cannot be read ({code})",
        "file.outside_roots" => $"it is outside the folders that the server may read ({code})",
        "file.not_regular" => $"something else is where it was ({code})",
        _ => code,
    };

    public static string Bare(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";

    public static string? Verified(LastVerification? last) =>
        last is null ? null : $"{Time(last.At)} by {last.By}: {(last.Intact ? "intact" : "not what the manifest says")}";
}
