using System.Text;

namespace Catalog.Storage.Files;

/// <summary>
/// Which files of a folder are meant: <c>?</c> is one character and <c>*</c> any number of them within a name, <c>**</c> as a whole
/// segment any number of folders. Everything else stands for itself, case included. <c>**/*.parquet</c> also names files at the top.
/// </summary>
internal sealed class Glob
{
    private readonly string[] _segments;

    public Glob(string pattern) => _segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether a path beneath this folder can match: up to the first <c>**</c>, each of its names must.</summary>
    public bool CanNameBeneath(string folder)
    {
        var names = folder.Split('/');
        for (var n = 0; n < names.Length; n++)
        {
            if (n == _segments.Length)
                return false;
            if (_segments[n] == "**")
                return true;
            if (!NameMatches(names[n], _segments[n]))
                return false;
        }

        return names.Length < _segments.Length;
    }

    public bool Matches(string path)
    {
        var names = path.Split('/');
        return Walk(names.Length, _segments.Length, p => _segments[p] == "**", (n, p) => NameMatches(names[n], _segments[p]), trailing: 1);
    }

    private static bool NameMatches(string name, string pattern)
    {
        // Characters, not UTF-16 units: ? stands for an emoji too.
        Rune[] characters = [.. name.EnumerateRunes()];
        Rune[] wanted = [.. pattern.EnumerateRunes()];
        return Walk(
            characters.Length,
            wanted.Length,
            isStar: p => wanted[p].Value == '*',
            matches: (n, p) => wanted[p].Value == '?' || wanted[p] == characters[n],
            trailing: 0);
    }

    /// <summary>Greedy matching that goes back to the last star only, so time is at most the product of both lengths.</summary>
    /// <param name="trailing">How much a star at the end must take at least: <c>a/**</c> names what is in <c>a</c>, not <c>a</c>.</param>
    private static bool Walk(int length, int patternLength, Func<int, bool> isStar, Func<int, int, bool> matches, int trailing)
    {
        var (n, p, star, resume) = (0, 0, -1, 0);
        while (n < length)
        {
            if (p < patternLength && isStar(p))
                (star, resume, p) = (p, n, p + 1);
            else if (p < patternLength && matches(n, p))
                (n, p) = (n + 1, p + 1);
            else if (star >= 0)
                (n, p, resume) = (resume + 1, star + 1, resume + 1);
            else
                return false;
        }

        if (p == patternLength)
            return true;
        while (p < patternLength && isStar(p))
            p++;
        return p == patternLength && trailing == 0;
    }
}
